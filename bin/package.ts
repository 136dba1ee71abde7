/** The package this command line came with. */
import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname } from 'node:path'

export interface Manifest {
  name: string
  version: string
  dependencies: Record<string, string>
  /** Exact versions, as the tests of the package had them. */
  devDependencies: Record<string, string>
}

const file = findPackageJSON(import.meta.url)

/** Its folder. */
export const packageFolder = (): string => dirname(file ?? '.')

export const manifest = (): Manifest => JSON.parse(readFileSync(file ?? 'package.json', 'utf8'))
