import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { givenSpec, installedSpec } from '../../bin/init/package-spec.ts'
import { RUNTIMES, runsOn } from '../../bin/init/runtimes.ts'
import { templates } from '../../bin/init/templates.ts'
import { edgeSse } from './edge-sse.ts'
import { atTerminal } from './terminal.ts'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'edge-sse-init-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
})

const read = (...path: string[]): string => readFileSync(join(cwd, ...path), 'utf8')
const init = (...words: string[]) => edgeSse(['init', ...words], { cwd })
const ours = JSON.parse(readFileSync('package.json', 'utf8'))

describe('init', () => {
  it.each(RUNTIMES)('makes a small complete project for %s', async (runtime) => {
    const { code, out, err } = await init('My Chat', '--template', 'chat-room', '--runtime', runtime)
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('chat-room for ')
    expect(out).toMatch(/\n {2}cd 'My Chat'\n {2}(npm|bun) install\n {2}.*start\n$/)
    const of = { workers: ['worker.js', 'wrangler.toml'], deno: ['deno.json'], bun: [], node: [] }[runtime]
    const files = ['.gitignore', 'README.md', 'chat-room.ts', 'package.json', 'server.test.ts', ...of]
    expect(readdirSync(join(cwd, 'My Chat')).sort()).toEqual(files.sort())
    expect(read('My Chat', 'chat-room.ts')).toBe(readFileSync('src/handlers/chat-room.ts', 'utf8'))
    const { name, dependencies, devDependencies, scripts } = JSON.parse(read('My Chat', 'package.json'))
    expect([name, dependencies['edge-sse']]).toEqual(['my-chat', ours.version])
    // Exact, and what the tests of this package ran with.
    for (const [each, version] of Object.entries({ ...dependencies, ...devDependencies }))
      if (each !== 'edge-sse') expect(version).toBe(ours.devDependencies[each])
    const commands = JSON.stringify(scripts ?? JSON.parse(read('My Chat', 'deno.json')).tasks)
    const config = runtime === 'workers' ? read('My Chat', 'wrangler.toml') : commands
    expect(config, 'listens on this machine alone').toContain('127.0.0.1')
  })

  it('gives a Worker its rooms, with their work', async () => {
    await init('job', '--template', 'progress', '--runtime', 'workers')
    await init('chat', '--template', 'ai-sdk', '--runtime', 'workers')
    expect(read('job', 'worker.js')).toContain('  producers = producers\n')
    expect(read('chat', 'worker.js')).toContain('  producers = producers(this.env)\n')
    const [, date] = /^compatibility_date = "(.*)"$/m.exec(readFileSync('wrangler.toml', 'utf8')) ?? []
    expect(read('job', 'wrangler.toml')).toContain(`compatibility_date = "${date}"\n`)
  })

  it.each([
    ['a file in it', 'project/notes.txt', 'project/notes.txt is in the way'],
    ['a file of that name', 'project', 'project is in the way, and no folder'],
  ])('never overwrites: %s', async (_, path, state) => {
    if (path.includes('/')) mkdirSync(join(cwd, 'project'))
    writeFileSync(join(cwd, path), 'mine')
    const { code, out, err } = await init('project', '--template', 'ticker', '--runtime', 'node')
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(`Cannot make project: ${state}`)
    expect(globSync('**/*', { cwd })).toEqual(path.includes('/') ? ['project', path] : [path])
    expect(read(path)).toBe('mine')
  })

  it.each([
    [['', '--template', 'ticker', '--runtime', 'node'], 'DIR is empty'],
    [
      ['new', '--template', 'ticker', '--runtime', 'node', '--package', './none.tgz'],
      '--package ./none.tgz is not there',
    ],
    [['new', '--template', 'ticker', '--runtime', 'node', '--package', ''], '--package  is not there'],
  ])('makes nothing of what is nowhere: %j', async (words, state) => {
    const { code, out, err } = await init(...words)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(`Cannot make project: ${state}`)
    expect(readdirSync(cwd)).toEqual([])
  })

  it('takes an empty folder, and one that is only under git', async () => {
    mkdirSync(join(cwd, 'project/.git'), { recursive: true })
    expect((await init('project', '--template', 'ticker', '--runtime', 'node')).code).toBe(0)
    expect(existsSync(join(cwd, 'project/ticker.ts'))).toBe(true)
  })

  it.each([
    [[], 'DIR, --template, --runtime are missing'],
    [['a', '--runtime', 'bun'], '--template is missing'],
    [['a', '--template', 'chat-rom', '--runtime', 'bun'], 'there is no template chat-rom, did you mean chat-room?'],
    [
      ['a', '--template', 'ticker', '--runtime', 'python'],
      'there is no runtime python, there are workers, deno, bun, node',
    ],
    [['a', 'b', '--template', 'ticker', '--runtime', 'bun'], 'unexpected argument b'],
  ])('refuses %j where nobody can be asked', async (words, state) => {
    const { code, out, err } = await init(...words)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(`Cannot make project: ${state}\n`)
    expect(readdirSync(cwd)).toEqual([])
  })

  it('puts the tarball it is given into the project', async () => {
    writeFileSync(join(cwd, 'edge-sse-1.2.3.tgz'), 'packed')
    await init('project', '--template', 'ticker', '--runtime', 'node', '--package', './edge-sse-1.2.3.tgz')
    expect(JSON.parse(read('project', 'package.json')).dependencies['edge-sse']).toBe('file:vendor/edge-sse-1.2.3.tgz')
    expect(read('project', 'vendor/edge-sse-1.2.3.tgz')).toBe('packed')
  })
})

describe('init at a terminal', () => {
  it('asks for what is left out, and again where that is nothing', async () => {
    mkdirSync(join(cwd, 'taken'))
    writeFileSync(join(cwd, 'taken/notes.txt'), '')
    const { seen, type, code } = atTerminal(['init'], { cwd, env: { NO_COLOR: '1' } })
    await seen('Template? (ticker) ')
    type('99\r')
    await seen('It is a number from 1 to')
    await seen('Template? (ticker) ')
    type('2\r')
    await seen('4  node')
    await seen('Runtime? (workers) ')
    type('node\r')
    await seen('Folder? (chat-room) ')
    type('taken\r')
    await seen('taken/notes.txt is in the way')
    await seen('Folder? (chat-room) ')
    type('\r')
    await seen('chat-room for Node is in chat-room')
    expect(await code).toBe(0)
    expect(existsSync(join(cwd, 'chat-room/chat-room.ts'))).toBe(true)
  })

  it('does not ask for what it was told', async () => {
    const { seen, type, code, screen } = atTerminal(['init', 'here', '--template', 'text'], {
      cwd,
      env: { NO_COLOR: '1' },
    })
    await seen('Runtime? (workers) ')
    type('3\r')
    await seen('text for Bun is in here')
    expect(await code).toBe(0)
    expect(screen()).not.toContain('Template?')
  })

  it.each([
    ['Ctrl+C', '\x03', 130],
    ['Ctrl+D', '\x04', 1],
  ])('leaves on %s, and has made nothing', async (_, key, expected) => {
    const { seen, type, code } = atTerminal(['init'], { cwd, env: { NO_COLOR: '1' } })
    await seen('Template? (ticker) ')
    type(key)
    expect(await code).toBe(expected)
    expect(readdirSync(cwd)).toEqual([])
  })
})

describe('the package that a project asks for', () => {
  const own = { name: 'edge-sse', version: '1.2.3' }
  const installed = (resolved: string | undefined): string => {
    mkdirSync(join(cwd, 'node_modules/edge-sse'), { recursive: true })
    const packages = { 'node_modules/edge-sse': { version: '1.2.3', ...(resolved && { resolved }) } }
    writeFileSync(join(cwd, 'node_modules/.package-lock.json'), JSON.stringify({ packages }))
    return join(cwd, 'node_modules/edge-sse')
  }

  it('is the tarball that npm installed, where it is still there', () => {
    const folder = installed('file:packed/edge-sse-1.2.3.tgz')
    expect(installedSpec(folder, own)).toEqual({ spec: '1.2.3' })
    mkdirSync(join(cwd, 'packed'))
    writeFileSync(join(cwd, 'packed/edge-sse-1.2.3.tgz'), '')
    expect(installedSpec(folder, own)).toEqual({ tarball: join(cwd, 'packed/edge-sse-1.2.3.tgz') })
  })

  it.each([
    ['https://packages.example/edge-sse/-/edge-sse-1.2.3.tgz', '1.2.3'],
    ['https://app.example/edge-sse-1.2.3.tgz', 'https://app.example/edge-sse-1.2.3.tgz'],
    [undefined, '1.2.3'],
  ])('is what npm resolved, %s', (resolved, spec) => {
    expect(installedSpec(installed(resolved), own)).toEqual({ spec })
  })

  it('is that version where npm wrote nothing down, and what is said with --package', () => {
    expect(installedSpec(join(cwd, 'node_modules/edge-sse'), own)).toEqual({ spec: '1.2.3' })
    expect(givenSpec('edge-sse@^2', 'edge-sse')).toEqual({ spec: '^2' })
    expect(givenSpec('github:somebody/edge-sse', 'edge-sse')).toEqual({ spec: 'github:somebody/edge-sse' })
  })
})

describe('templates', () => {
  it('lists what init can make, a line each', async () => {
    const { code, out, err } = await edgeSse(['templates'])
    expect([code, err]).toEqual([0, ''])
    const lines = out.trim().split('\n')
    expect(lines.map((line) => line.split(' ')[0])).toEqual(templates.map(({ name }) => name))
    const { out: json } = await edgeSse(['templates', '--json'])
    expect(JSON.parse(json)).toEqual(
      templates.map((each) => ({ name: each.name, summary: each.summary, runtimes: runsOn(each) })),
    )
  })

  it('has every handler of the package', () => {
    const handlers = globSync('src/handlers/*.ts').map((file) => basename(file, '.ts'))
    expect([...new Set(templates.flatMap((each) => each.handlers))].filter((name) => name !== 'room').sort()).toEqual(
      handlers.sort(),
    )
  })
})
