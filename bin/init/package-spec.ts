/** What a new project has to ask npm for to get this very package. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageMistake } from '../command.ts'
import { printable } from '../printable.ts'

/** A tarball that goes into the project, so that it can be moved and shared; or what npm makes of it. */
export type PackageSpec = { tarball: string } | { spec: string }

/** `--package`: the path of a tarball, or anything npm knows. Throws a `UsageMistake` for a path to nothing. */
export function givenSpec(given: string, name: string): PackageSpec {
  const isTarball = /\.(tgz|tar\.gz)$/.test(given)
  if (isTarball && existsSync(given)) return { tarball: resolve(given) }
  const isPath = /^(\.{0,2}[/\\]|\.{1,2}$)/.test(given) || (isTarball && !given.includes(':'))
  if (given === '' || (isPath && !existsSync(given)))
    throw new UsageMistake(`Cannot make project: --package ${printable(given, { atMost: 200 })} is not there`)
  // From the project it would lead elsewhere.
  if (isPath) return { spec: `file:${resolve(given)}` }
  // `edge-sse@1.2.3` is what one would tell npm.
  return { spec: given.startsWith(`${name}@`) ? given.slice(name.length + 1) : given }
}

/**
 * What npm wrote down when it installed the package in `folder`: the tarball, where it is still there. Else its version,
 * of the registry.
 */
export function installedSpec(folder: string, { name, version }: { name: string; version: string }): PackageSpec {
  const modules = dirname(folder)
  const { resolved = '' } = basename(modules) === 'node_modules' ? lockOf(modules, name) : {}
  const tarball = resolved.startsWith('file:') ? resolve(modules, '..', resolved.slice('file:'.length)) : ''
  if (tarball.endsWith('.tgz') && existsSync(tarball)) return { tarball }
  // In a registry a tarball lies below `/-/`.
  const isOfRegistry = resolved.includes(`/${name}/-/`)
  return { spec: /^(https?:.*\.tgz|git\+.*)$/.test(resolved) && !isOfRegistry ? resolved : version }
}

function lockOf(modules: string, name: string): { resolved?: string } {
  try {
    const { packages } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'))
    return packages[`node_modules/${name}`] ?? {}
  } catch {
    return {} // Another package manager put it here.
  }
}
