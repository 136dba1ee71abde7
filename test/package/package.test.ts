/** What would be published: complete, typed, small, and nothing of the app that is deployed from here. */
import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../bin/commands.ts'
import { entries } from '../../scripts/sizes.ts'
import { type Example, needsCloudflare, writeExamples } from '../examples.ts'
import { copyHandlers, emptyProject, pack } from './pack.ts'
import { typeErrors } from './types.ts'

const folder = mkdtempSync(join(tmpdir(), 'edge-sse-package-'))
const project = join(folder, 'project')
const installed = join(project, 'node_modules/edge-sse')
let tarball = ''
let handlers: string[] = []
let examples: Example[] = []

/** As npm would install it; what it needs comes from here, so that no registry is asked. */
beforeAll(() => {
  tarball = pack(folder)
  examples = writeExamples(join(project, 'examples'))
  emptyProject(project)
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed])
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  for (const name of [...Object.keys(dependencies), '@cloudflare/workers-types', '@types/node']) {
    mkdirSync(dirname(join(project, 'node_modules', name)), { recursive: true })
    symlinkSync(resolve('node_modules', name), join(project, 'node_modules', name))
  }
  handlers = copyHandlers(project)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the package', () => {
  it('holds what its entries reach, the sources of that, and nothing else', () => {
    const files = globSync('**/*.*', { cwd: installed })
    const below = (top: string, end: RegExp): string[] =>
      files.filter((file) => file.startsWith(`${top}/`) && end.test(file)).map((file) => file.replace(end, ''))
    const all = below('dist', /\.js$/).map((file) => file.replace('dist/', ''))
    const built = all.filter((name) => !name.startsWith('bin/'))
    const commandLine = globSync('bin/**/*.ts').map((file) => file.replace(/\.ts$/, ''))
    expect(all.filter((name) => name.startsWith('bin/')).sort()).toEqual(commandLine.sort())
    expect(built).toEqual(
      expect.arrayContaining(['index', 'access', 'cloudflare', 'files', 'sqlite', 'testing', 'handlers/ticker']),
    )
    const sources = below('src', /(?<!\.d)\.ts$/).map((file) => file.replace('src/', ''))
    expect(sources.sort()).toEqual(built.sort())
    expect(built.filter((name) => /^(app|authorize|runtimes)\b/.test(name))).toEqual([])
    const others = files.filter((file) => !/^(src\/.*\.ts|dist\/.*\.(js|d\.ts)(\.map)?|docs\/.*\.md)$/.test(file))
    expect(others.sort()).toEqual(['CHANGELOG.md', 'README.md', 'SECURITY.md', 'package.json'])
  })

  it('brings one package along', () => {
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    expect([dependencies, peerDependencies]).toEqual([{ jose: expect.any(String) }, undefined])
  })

  it('is as publint wants it', async () => {
    const { messages } = await publint({ pkgDir: installed, level: 'suggestion', strict: true, pack: false })
    expect(messages).toEqual([])
  })

  it('has types that are those of its code, for each entry', async () => {
    const entrypoints = entries().map(({ name }) => name.replace('edge-sse', '.'))
    const checked = await checkPackage(createPackageFromTarballData(readFileSync(tarball)), { entrypoints })
    // It is ES modules alone: who can only `require` without them, or knows no `exports`, is not asked.
    const problems = checked.types
      ? checked.problems.filter((each) => !('resolutionKind' in each) || /esm|bundler/.test(each.resolutionKind))
      : 'there are no types'
    expect(problems).toEqual([])
  })

  it('resolves to what was built, and each entry runs', () => {
    const names = entries().map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['edge-sse', ...handlers.map((name) => `edge-sse/handlers/${name}`)]))
    const script = `for (const name of ${JSON.stringify(names)}) {
      const exported = name.endsWith('/cloudflare') || Object.keys(await import(name)).length > 0
      console.log(name, exported, import.meta.resolve(name).includes('/node_modules/edge-sse/dist/'))
    }`
    writeFileSync(join(project, 'entries.js'), script)
    const printed = execFileSync(process.execPath, ['entries.js'], { cwd: project, encoding: 'utf8' })
    expect(printed.trim().split('\n')).toEqual(names.map((name) => `${name} true true`))
  })
})

describe('its command line', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  const edgeSse = (...words: string[]): string => {
    const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    const args = [join(installed, bin['edge-sse']), ...words]
    return execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' })
  }

  it('runs where nothing is but what npm installs', () => {
    expect(edgeSse('--version')).toBe(`${version}\n`)
    const help = edgeSse('--help')
    for (const { name } of commands) expect(help).toContain(`  ${name} `)
    for (const { name } of commands) expect(edgeSse(name, '--help')).toContain(`Usage: edge-sse ${name}`)
  })

  it('makes a project whose test passes', () => {
    const made = join(project, 'made')
    edgeSse('init', made, '--template', 'room', '--runtime', 'node', '--package', tarball)
    const { dependencies } = JSON.parse(readFileSync(join(made, 'package.json'), 'utf8'))
    mkdirSync(join(made, 'node_modules'))
    symlinkSync(installed, join(made, 'node_modules/edge-sse'))
    symlinkSync(resolve('node_modules/srvx'), join(made, 'node_modules/srvx'))
    expect(Object.keys(dependencies)).toEqual(['edge-sse', 'srvx'])
    const output = execFileSync(process.execPath, ['--test'], { cwd: made, encoding: 'utf8', env: { PATH: '' } })
    expect(output).toMatch(/^# pass 1$|^ℹ pass 1$/m)
  })
})

describe('copied handlers and the examples of the README', () => {
  const copies = (): string[] => handlers.map((name) => `${name}.ts`)
  const inReadme = (fit: (example: Example) => boolean): string[] =>
    examples
      .filter(({ name }) => name.startsWith('README'))
      .filter(fit)
      .map(({ file }) => file)

  it('type-check in a Worker', () => {
    const types = ['@cloudflare/workers-types']
    expect(typeErrors(project, { types, files: [...copies(), ...inReadme(() => true)] })).toBe('')
    expect(typeErrors(project, { types, files: copies(), module: 'Preserve' })).toBe('')
  })

  it('type-check where there are the types of Node, or those of a browser alone', () => {
    const files = [...copies(), ...inReadme((example) => !needsCloudflare(example))]
    expect(typeErrors(project, { types: ['node'], files })).toBe('')
    expect(typeErrors(project, { types: [], lib: ['DOM', 'DOM.Iterable', 'DOM.AsyncIterable'], files })).toBe('')
  })
})
