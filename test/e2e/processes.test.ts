/** The app as a process: where it listens, and what it says when it cannot start. The Worker's is `npm start`. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { command, type ProcessRuntime } from '../../scripts/runtimes.ts'
import { launch } from './launch.ts'
import { exchange, RawSocket, request } from './raw-socket.ts'
import { as, expectRefusal } from './refusal.ts'

const name = inject('runtime') as ProcessRuntime // `vitest.config.ts` leaves the Worker out.
/** Another address of this machine, on every Linux: what listens on 127.0.0.1 alone does not answer there. */
const ELSEWHERE = '127.0.0.2'

describe('the app as a process', () => {
  /** What it writes when it does not start. */
  const failing = async (vars: Record<string, string>): Promise<string> => {
    const [file, ...args] = command(name, `src/runtimes/${name}.ts`)
    const env = { PATH: process.env.PATH, NO_COLOR: '1', PORT: '0', ...vars }
    const ended = await promisify(execFile)(file, args, { env, timeout: 20_000 }).catch((error) => error)
    expect(ended.code).toBe(1)
    return ended.stderr.trim()
  }

  it('listens on this machine alone, unless HOST says otherwise', async () => {
    const server = await launch()
    onTestFinished(() => server.close())
    await expect(RawSocket.open(server.port, ELSEWHERE)).rejects.toThrow('ECONNREFUSED')
    const open = await launch({ EDGE_SSE_SECRET: 'secret', HOST: '0.0.0.0' })
    onTestFinished(() => open.close())
    const socket = await RawSocket.open(open.port, ELSEWHERE)
    socket.write(request('GET', '/healthz'))
    expect((await socket.response()).status).toBe(200)
  })

  it('lets nobody in where nothing is configured', async () => {
    const server = await launch({})
    onTestFinished(() => server.close())
    expectRefusal(await exchange(server.port, request('GET', '/rooms/lobby')), as(503, 'access-not-configured'))
    expect((await exchange(server.port, request('GET', '/'))).status).toBe(200)
  })

  it('says what to do when it cannot start', async () => {
    const server = await launch()
    onTestFinished(() => server.close())
    expect(await failing({ HOST: '0.0.0.0', EDGE_SSE_ACCESS: 'open' })).toMatch(
      /^Cannot start: HOST is "0.0.0.0".*\n.*EDGE_SSE_SECRET/,
    )
    expect(await failing({ PORT: 'x' })).toMatch(/^Cannot start: PORT is "x"/)
    expect(await failing({ PORT: String(server.port) })).toMatch(/^Cannot start: port \d+ is in use/)
    expect(await failing({ TLS_CERT: 'test/e2e/tls/cert.pem' })).toMatch(/^Cannot start: TLS needs both/)
    expect(await failing({ EDGE_SSE_DATABASE: '/no/such/folder/rooms.db' })).toMatch(/^Cannot start: cannot open rooms/)
  })

  it.each<[vars: Record<string, string>, says: RegExp]>([
    [{ EDGE_SSE_JWT_SECRET: 'short' }, /^Cannot start: the secret of the tokens is shorter than 32/],
    [{ EDGE_SSE_JWT_KEYS: 'hello' }, /^Cannot start: the key of the tokens is no public key/],
    [{ EDGE_SSE_SECRET: 'x', EDGE_SSE_JWKS_URL: 'https://id.example/jwks' }, /^Cannot start: keys that are fetched/],
    [{ EDGE_SSE_SECRET: 'x', EDGE_SSE_ORIGINS: 'app.example' }, /^Cannot start: EDGE_SSE_ORIGINS holds/],
    [{ EDGE_SSE_ACCESS: 'open', EDGE_SSE_JWT_KEY: 'x' }, /^Cannot start: EDGE_SSE_JWT_KEY is no variable/],
    [{ EDGE_SSE_ACCESS: 'open', EDGE_SSE_MAX_STREAMS: 'many' }, /^Cannot start: EDGE_SSE_MAX_STREAMS is not a number/],
    [{ EDGE_SSE_ACCESS: 'open', EDGE_SSE_LOG: 'all' }, /^Cannot start: EDGE_SSE_LOG is neither/],
  ])('does not start with %o, and says why', async (vars, says) => {
    expect(await failing(vars)).toMatch(says)
  })

  it('refuses a file of rooms that another process has open, and leaves it alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'edge-sse-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const EDGE_SSE_DATABASE = join(folder, 'rooms.db')
    const server = await launch({ EDGE_SSE_ACCESS: 'open', EDGE_SSE_DATABASE })
    expect(await failing({ EDGE_SSE_DATABASE })).toMatch(
      /^Cannot start: cannot open rooms in .*: they are open already/,
    )
    const body = '{"data":1}'
    const published = await exchange(
      server.port,
      request('POST', '/rooms/x/events', { 'Content-Type': 'application/json' }, body),
    )
    expect(published.status).toBe(201)
    await server.close()
    const again = await launch({ EDGE_SSE_ACCESS: 'open', EDGE_SSE_DATABASE })
    onTestFinished(() => again.close())
    expect(JSON.parse(String((await exchange(again.port, request('GET', '/rooms/x'))).body))).toMatchObject({
      count: 1,
    })
  })
})
