/** The files of a new project. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Manifest } from '../package.ts'
import type { PackageSpec } from './package-spec.ts'
import { projectReadme } from './project-readme.ts'
import { projectTest } from './project-test.ts'
import { ROOM_INDEX } from './room-index.ts'
import { type ProjectRuntime, type RuntimeName, runtimes } from './runtimes.ts'
import type { Template } from './templates.ts'
import { workerFile, wranglerToml } from './worker-files.ts'

export interface ProjectTerms {
  /** That of its package. */
  name: string
  template: Template
  runtime: RuntimeName
  /** Where this package is. */
  folder: string
  manifest: Manifest
  from: PackageSpec
}

/** Their paths, and what is in them. */
export type ProjectFiles = Map<string, string | Buffer>

export function project({ name, template, runtime: runtimeName, folder, manifest, from }: ProjectTerms): ProjectFiles {
  const [first] = template.handlers
  const entry = `${first}.ts`
  const runtime = runtimes[runtimeName](entry)
  const files: ProjectFiles = new Map()
  for (const handler of template.handlers)
    files.set(
      `${handler}.ts`,
      handler === 'room' ? ROOM_INDEX : readFileSync(join(folder, 'src/handlers', `${handler}.ts`)),
    )
  if (template.name === 'download') files.set('files/hello.txt', 'hello\n')
  if ('tarball' in from) files.set(vendored(from.tarball), readFileSync(from.tarball))
  const spec = 'tarball' in from ? `file:${vendored(from.tarball)}` : from.spec
  files.set('package.json', packageJson(name, spec, runtime, manifest))
  if (runtime.name === 'deno') files.set('deno.json', json({ nodeModulesDir: 'manual', tasks: runtime.scripts }))
  if (runtime.name === 'workers') {
    const worker = workerFile(template)
    if (worker) files.set('worker.js', worker)
    files.set('wrangler.toml', wranglerToml(name, worker ? 'worker.js' : entry, template))
  }
  files.set('server.test.ts', projectTest(template.asks, entry, runtime))
  files.set('README.md', projectReadme(name, template, runtime))
  files.set('.gitignore', 'node_modules/\n.wrangler/\n.edge-sse/\n.dev.vars*\n.env*\n')
  return files
}

const vendored = (tarball: string): string => `vendor/${basename(tarball)}`

function packageJson(
  name: string,
  spec: string,
  runtime: ProjectRuntime,
  { devDependencies, name: ours }: Manifest,
): string {
  const exact = (names: string[] = []): Record<string, string> =>
    Object.fromEntries(names.map((each) => [each, devDependencies[each] ?? 'latest']))
  const { needs, scripts, allowScripts } = runtime
  return json({
    name,
    private: true,
    type: 'module',
    // Deno's are tasks, which need no npm.
    ...(runtime.name !== 'deno' && { scripts }),
    dependencies: { [ours]: spec, ...exact(needs.dependencies) },
    ...(needs.devDependencies && { devDependencies: exact(needs.devDependencies) }),
    ...(allowScripts && { allowScripts: Object.fromEntries(allowScripts.map((each) => [each, true])) }),
  })
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`
