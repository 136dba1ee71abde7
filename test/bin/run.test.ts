/** What holds of every command. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { commands } from '../../bin/commands.ts'
import { EDGE_SSE, edgeSse, environment } from './edge-sse.ts'
import { atTerminal } from './terminal.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

describe('edge-sse', () => {
  it('teaches with --help, on stdout, and names each command there is', async () => {
    const { code, out, err } = await edgeSse(['--help'])
    expect([code, err]).toEqual([0, ''])
    for (const { name, summary } of commands) expect(out).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'))
    expect(out).toContain('Exit codes: 0 fine')
    expect(await edgeSse(['help'])).toEqual({ code, out, err })
  })

  it('without a word is asked wrongly, and says what there is', async () => {
    const { code, out, err } = await edgeSse([])
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('Usage: edge-sse COMMAND')
  })

  it('says its version', async () => {
    expect(await edgeSse(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  it.each([
    [['pubish', 'x'], 'Cannot run: there is no command pubish, did you mean publish?\nedge-sse --help says how.\n'],
    [['frobnicate'], 'Cannot run: there is no command frobnicate\nedge-sse --help says how.\n'],
    [['--verson'], 'Cannot run: there is no option --verson, did you mean --version?\nedge-sse --help says how.\n'],
    [['a\x1b[2Jb'], 'Cannot run: there is no command a\\x1b[2Jb\nedge-sse --help says how.\n'],
    [
      ['publish', '--heder', 'a: b'],
      'Cannot run publish: there is no option --heder, did you mean --header?\nedge-sse publish --help says how.\n',
    ],
    [
      ['listen', 'http://localhost/', '--max', '1', '--max=2'],
      'Cannot run listen: --max is there twice\nedge-sse listen --help says how.\n',
    ],
    [['publish', '-z'], 'Cannot run publish: there is no option -z\nedge-sse publish --help says how.\n'],
  ])('refuses %j', async (words, said) => {
    expect(await edgeSse(words)).toEqual({ code: 2, out: '', err: said })
  })

  it('ends quietly when nobody reads on', async () => {
    const [file = '', ...args] = EDGE_SSE
    const child = spawn(file, [...args, '--help'], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    const err = text(child.stderr)
    const [code] = await once(child, 'close')
    expect([code, await err]).toEqual([0, ''])
  })

  it('says which Node it needs on an older one', async () => {
    const script = `Object.defineProperty(process.versions, 'node', { value: '20.19.0' }); await import('./bin/edge-sse.ts')`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { env: environment() })
    const err = text(child.stderr)
    const [code] = await once(child, 'close')
    expect([code, await err]).toEqual([1, 'Cannot run: edge-sse needs Node 24 or later, and this is 20.19.0\n'])
  })
})

describe('at a terminal', () => {
  it('has colour, unless NO_COLOR says otherwise', async () => {
    const { screen, code } = atTerminal(['frobnicate'])
    expect(await code).toBe(2)
    expect(screen()).toContain('\x1b[31mCannot run: there is no command frobnicate\x1b[39m')
    const plain = atTerminal(['frobnicate'], { env: { NO_COLOR: '1' } })
    expect(await plain.code).toBe(2)
    expect(plain.screen()).not.toContain('\x1b')
  })
})

describe('each command', () => {
  it.each(commands)('$name says the same of itself as the list, and of each option what it does', async (listed) => {
    const { name, summary, usage, help, options } = await listed.load()
    expect([name, summary]).toEqual([listed.name, listed.summary])
    expect(usage.split(' ')[0]).toBe(name)
    for (const option of Object.keys(options)) expect(help).toContain(`--${option}`)
  })

  it.each(commands)('$name says once what it ends with, on lines that fit', async ({ name }) => {
    const { code, out, err } = await edgeSse([name, '--help'])
    expect([code, err]).toEqual([0, ''])
    expect(out.match(/exit code/gi)).toHaveLength(1)
    expect(out).toMatch(/\nExit codes: 0 .+\n.+\n$/)
    expect(out.includes('3 warnings')).toBe(name === 'check')
    expect(out.split('\n').filter((line) => line.length > 120 && !line.startsWith('  edge-sse '))).toEqual([])
  })
})
