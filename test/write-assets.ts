/** Before the tests in workerd: the assets of its Worker, which is a file each of what a store has to hold. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { STORED } from './files/stored.ts'

export default function writeAssets(): void {
  const folder = 'test/output/assets'
  rmSync(folder, { recursive: true, force: true })
  for (const [name, bytes] of Object.entries(STORED))
    for (const path of [join(folder, name), join(folder, 'below', name)]) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, bytes)
    }
}
