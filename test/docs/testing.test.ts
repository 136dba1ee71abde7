/** docs/testing.md: its test runs in the runners that it names, and fails as it says; its other blocks run with all examples. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { EventSource } from 'eventsource'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, readMessages, responseOf, scriptedFetch } from '../../src/testing.ts'
import { brokenLinks } from './links.ts'

const source = 'docs/testing.md'
const page = readFileSync(source, 'utf8')
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? ''

const CONDITION = '--conditions=edge-sse-source'
const FIRST = "import { test } from 'node:test'"
const installed = (name: string): string => resolve('scripts/runtimes/node_modules/.bin', name)
const RUNNERS: [string, { first: string; command: string[] }][] = [
  ['node --test', { first: FIRST, command: [process.execPath, CONDITION, '--test'] }],
  ['bun test', { first: "import { test } from 'bun:test'", command: [installed('bun'), 'test', CONDITION] }],
  ['deno test', { first: 'const { test } = Deno', command: [installed('deno'), 'test', '-A', CONDITION] }],
  [
    'vitest',
    {
      first: "import { test } from 'vitest'",
      command: [process.execPath, resolve('node_modules/vitest/vitest.mjs'), 'run', '--config', 'vitest.config.js'],
    },
  ],
]

describe(source, () => {
  const project = mkdtempSync(join(tmpdir(), 'edge-sse-testing-'))
  beforeAll(() => {
    mkdirSync(join(project, 'node_modules'))
    symlinkSync(resolve('.'), join(project, 'node_modules/edge-sse'))
    symlinkSync(resolve('node_modules/vitest'), join(project, 'node_modules/vitest'))
    writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', dependencies: { 'edge-sse': '*' } }))
    const conditions = JSON.stringify(['edge-sse-source', 'module', 'node'])
    // Taken as part of the project, for its source is TypeScript.
    const config = `export default { ssr: { resolve: { conditions: ${conditions}, externalConditions: ${conditions} }, noExternal: ['edge-sse'] } }`
    writeFileSync(join(project, 'vitest.config.js'), config)
  })
  afterAll(() => rmSync(project, { recursive: true }))

  /** How it ends, and all it says. */
  function run(file: string, code: string, [command = '', ...args]: string[]): { status: number | null; said: string } {
    writeFileSync(join(project, file), code)
    const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '', VITEST: '' }
    const { status, stdout, stderr } = spawnSync(command, [...args, file], { cwd: project, encoding: 'utf8', env })
    return { status, said: stdout + stderr }
  }

  it.each(RUNNERS)('has a test that passes in %s, and fails there as the page says', (name, { first, command }) => {
    const code = block('js')
    expect(code.startsWith(FIRST)).toBe(true)
    if (first !== FIRST) expect(page).toContain(first.replace(/^import \{ test \} /, ''))
    const file = `${name.replaceAll(/\W/g, '')}.test.js`
    const passing = run(file, code.replace(FIRST, first), command)
    expect(passing.said).toMatch(/hello and ends|1 passed/)
    expect(passing.status, passing.said).toBe(0)
    const wrong = code.replace(FIRST, first).replace("expect({ data: 'hello' })", "expect({ data: 'bye' })")
    const failing = run(`wrong-${file}`, wrong, command)
    expect(failing.status).toBeGreaterThan(0)
    expect(failing.said).toContain(block('text').trim())
  })

  it('has steps that leave no timer behind, which would hold a run of tests up', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length
    const before = timers()
    const messages = await readMessages(responseOf([{ data: 'a' }, { data: 'b' }]))
    await messages.expect({ data: 'a' })
    await messages.expect({ data: 'x' }).catch(() => {})
    await messages.expectEnd()
    await eventually(async () => true)
    expect(timers()).toBe(before)
  })

  it('says that the package eventsource takes a scripted fetch', async () => {
    expect(page).toContain('new EventSource(url, { fetch: server.fetch })')
    const server = scriptedFetch([
      { messages: ['retry: 1\n\n', { id: '1', data: 'a' }], then: 'cut' },
      'network-error',
      { messages: [{ id: '2', data: 'b' }], then: 'stall' },
    ])
    const source = new EventSource('http://localhost/events', { fetch: server.fetch })
    const shown: string[] = []
    source.onmessage = ({ data }) => void shown.push(data)
    const third = await server.attempt(3)
    third.send({ data: 'c' })
    await eventually(() => shown.length === 3)
    expect(shown).toEqual(['a', 'b', 'c'])
    expect(server.attempts.map(({ headers }) => headers.get('last-event-id'))).toEqual([null, '1', '1'])
    source.close()
    await third.left()
  })

  it('links to what is there', () => {
    expect(brokenLinks(source)).toEqual([])
  })
})
