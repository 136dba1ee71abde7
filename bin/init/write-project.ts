/** Puts a project where nothing is. */
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { printable } from '../printable.ts'
import type { ProjectFiles } from './project.ts'

/** What a new project may find: it is of the place, and nothing of ours is called so. */
const HARMLESS = ['.git']

/** Throws an `Error` that says what is in the way. */
export function checkFree(folder: string): void {
  const [found] = entries(folder).filter((name) => !HARMLESS.includes(name))
  if (found === undefined) return
  const what = printable(join(folder, found), { atMost: 200 })
  throw new Error(`Cannot make project: ${what} is in the way. Name a folder that is empty, or not there yet`)
}

/** Never overwrites: what has come meanwhile is an error, and stays. */
export function writeProject(folder: string, files: ProjectFiles): void {
  checkFree(folder)
  for (const [name, content] of files) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content, { flag: 'wx' })
  }
}

function entries(folder: string): string[] {
  const found = statSync(folder, { throwIfNoEntry: false })
  if (!found) return []
  if (!found.isDirectory())
    throw new Error(`Cannot make project: ${printable(folder, { atMost: 200 })} is in the way, and no folder`)
  return readdirSync(folder)
}
