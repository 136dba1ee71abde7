/** The app as its user has it who has put a rule of their own into `src/authorize.ts`: a copy, with that file written anew. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { launch, runtime, type Server } from './launch.ts'

/** Starts it. Packages are those of this repository, which the copy is below. */
export async function launchCopy(name: string, authorize: string, vars: Record<string, string>): Promise<Server> {
  const folder = resolve('test/output/copies', `${runtime.name.toLowerCase()}-${name}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const each of ['src', 'demo', 'package.json', 'wrangler.toml', 'scripts/client-bundle.ts'])
    cpSync(each, `${folder}/${each}`, { recursive: true })
  writeFileSync(`${folder}/src/authorize.ts`, authorize)
  const server = await launch(vars, folder)
  return {
    ...server,
    async close() {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
