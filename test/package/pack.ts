/** The package as it would be published, and an empty project that has it. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import process from 'node:process'

/** Builds it and gives the path of its tarball, which is put into `folder`. */
export function pack(folder: string): string {
  // As its `prepack` does, without the Worker's bundle: others may be using that.
  execFileSync(process.execPath, ['scripts/build.ts'], { stdio: ['ignore', 'ignore', 'pipe'] })
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [name = ''] = globSync('*.tgz', { cwd: folder })
  return join(folder, name)
}

/** Copies each handler alone: there is nothing of this repository in the project but these. Gives their names. */
export function copyHandlers(project: string): string[] {
  const files = globSync('src/handlers/*.ts').sort()
  for (const file of files) copyFileSync(file, join(project, basename(file)))
  return files.map((file) => basename(file, '.ts'))
}

/** A project of ES modules, with a file that its handlers serve. */
export function emptyProject(folder: string): string {
  mkdirSync(join(folder, 'files'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }))
  writeFileSync(join(folder, 'files', 'hello.txt'), 'hello')
  return folder
}
