/** TypeScript in a project that has the package: strict, and with no declaration left unchecked. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

export interface TypesOptions {
  /** Packages of global types. */
  types: string[]
  lib?: string[]
  files: string[]
  /** Defaults to `NodeNext`. */
  module?: 'NodeNext' | 'Preserve'
}

/** What the compiler has to say: nothing, where all is well. */
export function typeErrors(project: string, { types, lib = [], files, module = 'NodeNext' }: TypesOptions): string {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'ES2024',
    lib: ['ES2024', 'ESNext.Disposable', ...lib],
    module,
    types,
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const tsc = [join(process.cwd(), 'node_modules/typescript/bin/tsc'), '-p', '.']
  const { stdout, stderr } = spawnSync(process.execPath, tsc, { cwd: project, encoding: 'utf8' })
  return stdout + stderr
}
