/** The README's way into production as it is written there, against plain workerd in place of Cloudflare. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { EventReader } from '../e2e/event-reader.ts'
import { exchange, request } from '../e2e/raw-socket.ts'
import { as, expectRefusal } from '../e2e/refusal.ts'
import { serveWorkerd, type WorkerdServer } from '../workerd-serve.ts'

const folder = mkdtempSync(join(tmpdir(), 'edge-sse-production-'))
const [, section = ''] = /^## In production$([\s\S]*?)^## /m.exec(readFileSync('README.md', 'utf8')) ?? []
const [, block = ''] = /^```console\n([\s\S]*?)^```$/m.exec(section) ?? []
const lines = block
  .trim()
  .split('\n')
  .map((line) => line.replace(/^\$ /, ''))
const [secret = '', deploy = '', put = '', token = '', read = ''] = lines

/** A line as a shell runs it here, with npm where the project is. */
const run = (line: string): string =>
  execFileSync('bash', ['-euc', line.replaceAll('npm run', `npm --prefix ${resolve('.')} run`)], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, EDGE_SSE_JWT_SECRET: '' },
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()

let server: WorkerdServer
let made = ''
beforeAll(async () => {
  run(secret)
  // What the second and third line give to Cloudflare.
  const vars = Object.fromEntries([...deploy.matchAll(/--var (\w+):(\S+)/g)].map(([, name, value]) => [name, value]))
  const [, name = '', file = ''] = /secret put (\w+) < (\S+)/.exec(put) ?? []
  server = await serveWorkerd({ vars: { ...vars, [name]: readFileSync(join(folder, file), 'utf8').trim() } })
  made = run(`${token}; echo $TOKEN`)
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

describe('production', () => {
  it('takes five lines', () => {
    expect(lines).toHaveLength(5)
    expect(read).toBe('curl -N https://<your worker>/rooms/lobby/events -H "authorization: Bearer $TOKEN"')
  })

  it('lets in whom it says, from where it says', async () => {
    const authorization = `Bearer ${made}`
    const post = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${server.url}/rooms/lobby/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{"data":"hello"}',
      })
    expect((await post({})).status).toBe(401)
    expect((await post({ authorization })).status).toBe(201)
    expect((await post({ cookie: `session=${made}` })).status).toBe(403)
    expect((await post({ cookie: `session=${made}`, origin: 'https://app.example' })).status).toBe(201)
    expect((await fetch(`${server.url}/rooms/other`, { headers: { authorization } })).status).toBe(403)
    const reader = await EventReader.open(server.port, '/rooms/lobby/events?from=start', {
      authorization,
    })
    await reader.untilLive()
    expect(reader.published.map(({ data }) => data)).toEqual(['hello', 'hello'])
    reader.cut('fin')
  })

  it('tells the log, and nobody else, what is wrong with a configuration', async () => {
    for (const [vars, reason] of [
      [{ EDGE_SSE_ACCESS: 'open', EDGE_SSE_JWT_KEY: 'x' }, 'EDGE_SSE_JWT_KEY is no variable'],
      [{ EDGE_SSE_ACCESS: 'open', EDGE_SSE_MAX_READERS: 'many' }, 'EDGE_SSE_MAX_READERS is not a number'],
      [{ EDGE_SSE_JWT_SECRET: 'short' }, 'shorter than 32 characters'],
    ] as [Record<string, string>, string][]) {
      const wrong = await serveWorkerd({ vars })
      onTestFinished(() => wrong.close())
      const answer = await exchange(wrong.port, request('GET', '/rooms/lobby'))
      expect(expectRefusal(answer, as(503, 'access-not-configured'))).not.toContain(reason)
      await expect.poll(() => wrong.logs.join('\n')).toContain(reason)
    }
  })

  it('takes what is no path for a mistake of who sends it', async () => {
    for (const [target, host] of [
      ['*', 'localhost'],
      ['/', 'local*host'],
      ['/', 'localhost:99999'],
    ] as const)
      expectRefusal(await exchange(server.port, request('GET', target, { Host: host })), as(400, 'malformed-request'))
  })
})
