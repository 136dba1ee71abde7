/** `npm start` itself, as a person runs it: the script in a process of its own, with wrangler and workerd below it. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { exchange, request } from '../e2e/raw-socket.ts'
import { type Run, run } from '../script-run.ts'
import { startsWithModels } from './model-starts.ts'
import { startsWithTokens } from './token-starts.ts'

const isLinux = process.platform === 'linux'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** True when something takes connections there. */
const answers = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 })
    const done = (is: boolean): void => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => done(true))
    socket.once('timeout', () => done(false))
    socket.once('error', () => done(false))
  })

/** Processes of a group that still run (a zombie does not). */
function groupMembers(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [state, , of] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
        return Number(of) === group && state !== 'Z'
      } catch {
        return false // It went while we looked.
      }
    })
}

/** Local addresses on which processes listen, as the kernel writes them: `0100007F:1F90`. */
function listening(pids: number[]): string[] {
  const inodes = new Set<string>()
  for (const pid of pids) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? []
        if (inode) inodes.add(inode)
      }
    } catch {
      // It, or one of its files, went while we looked.
    }
  }
  const LISTEN = '0A'
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === LISTEN && inodes.has(inode ?? ''))
      .map(([, local = '']) => local),
  )
}

const LOOPBACK = /^(0100007F|00000000000000000000000001000000):/

describe('npm start', () => {
  const room = `npm-start-${randomUUID()}`
  let port: number
  let started: Run

  beforeAll(async () => {
    port = await freePort()
    started = run(process.execPath, ['scripts/start.ts'], { env: { PORT: String(port) }, detached: true })
    const healthz = request('GET', '/healthz', { Host: `localhost:${port}` })
    const isUp = async (): Promise<void> => {
      const { status } = await exchange(port, healthz)
      if (status !== 200) throw new Error(`Cannot start: /healthz says ${status}`)
    }
    const gone = started.exited.then((code) => Promise.reject(new Error(`${code}: ${started.output.join('')}`)))
    await Promise.race([gone, vi.waitFor(isUp, { interval: 100, timeout: 45_000 })])
    gone.catch(() => {}) // Later it may go.
  }, 60_000)

  afterAll(async () => {
    // For the case that a test before has failed: nothing of the group may stay, whatever happened.
    try {
      process.kill(-(started.child.pid as number), 'SIGKILL')
    } catch {
      // Nobody left: as it should be.
    }
  })

  it('listens on this machine alone', async () => {
    expect(await answers('127.0.0.1', port)).toBe(true)
    const outside = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    for (const { address } of outside)
      expect({ address, answers: await answers(address, port) }).toEqual({ address, answers: false })
  })

  it.runIf(isLinux)('has no port at all, its inspector included, on any other address', () => {
    const addresses = listening(groupMembers(started.child.pid as number))
    expect(addresses).toContain(`0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`)
    expect(addresses.filter((address) => !LOOPBACK.test(address))).toEqual([])
  })

  it('refuses a foreign Host, and takes the names of this machine', async () => {
    for (const path of ['/', '/demo/room', '/sse', '/healthz', `/rooms/${room}`, `/rooms/${room}/events`]) {
      const { status, body } = await exchange(port, request('GET', path, { Host: 'evil.example' }))
      expect({ path, status, type: JSON.parse(String(body)).type }).toEqual({
        path,
        status: 421,
        type: '/problems/misdirected-host',
      })
    }
    for (const Host of ['localhost', `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      expect((await exchange(port, request('GET', '/healthz', { Host }))).status).toBe(200)
  })

  // A page of evil.example whose name was pointed at this machine is of one origin with it, and may send any header.
  it.each([
    ['MF-Original-URL', 'http://localhost/'],
    ['MF-Original-Hostname', 'localhost'],
    ['MF-Route-Override', 'edge-sse'],
    ['MF-Proxy-Shared-Secret', 'guess'],
    ['X-Forwarded-Host', 'localhost'],
    ['Forwarded', 'host=localhost'],
  ])('refuses a foreign Host also with %s: %s', async (name, value) => {
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? '{"data":"evil"}' : undefined
      const headers = { Host: 'evil.example', 'Content-Type': 'application/json', [name]: value }
      const { status } = await exchange(port, request(method, `/rooms/${room}/events`, headers, body))
      expect({ method, refused: status >= 400, status }).toMatchObject({ method, refused: true })
    }
    const { status } = await exchange(port, request('GET', `/rooms/${room}`, { Host: 'localhost' }))
    expect(status).toBe(404)
  })

  it('lets a person publish and listen with curl', async () => {
    const url = `http://localhost:${port}/rooms/${room}/events`
    const listener = run('curl', ['-sN', url])
    await expect.poll(() => listener.output.join(''), { timeout: 10_000 }).toContain('event: stream.live')
    const json = [
      '-s',
      '-X',
      'POST',
      url,
      '-H',
      'Content-Type: application/json',
      '-d',
      '{"event":"chat","data":"hello"}',
    ]
    const publisher = run('curl', json)
    expect(await publisher.exited).toBe(0)
    const { id, ...others } = JSON.parse(publisher.output.join(''))
    expect(others).toEqual({ room, durable: true, duplicate: false })
    await expect
      .poll(() => listener.output.join(''), { timeout: 10_000 })
      .toContain(`event: chat\ndata: hello\nid: ${id}\n\n`)
    listener.child.kill()
    await listener.exited
  })

  it('shows its first page', async () => {
    const { status, headers } = await exchange(port, request('GET', '/', { Host: `localhost:${port}` }))
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: 'text/html; charset=utf-8' })
  })

  it('ends when it is told to, and leaves nothing running', async () => {
    const group = started.child.pid as number
    if (isLinux) expect(groupMembers(group).length).toBeGreaterThan(1)
    started.child.kill('SIGTERM')
    await started.exited
    await expect.poll(() => answers('127.0.0.1', port), { timeout: 10_000 }).toBe(false)
    if (isLinux) await expect.poll(() => groupMembers(group), { timeout: 10_000 }).toEqual([])
  })

  it.each(['0.0.0.0', '::', '192.0.2.1', 'rooms.example', ''])(
    'does not start with HOST=%s, and says what to do',
    async (HOST) => {
      const { exited, output } = run(process.execPath, ['scripts/start.ts'], { env: { HOST, PORT: String(port) } })
      expect(await exited).toBe(1)
      const said = output.join('')
      expect(said).toMatch(/^Cannot start: HOST is ".*"/)
      expect(said).toContain('Leave HOST unset')
      expect(said).toContain('EDGE_SSE_SECRET')
      expect(await answers('127.0.0.1', port)).toBe(false)
    },
  )
})

describe('npm start, asked to', () => {
  startsWithTokens(['scripts/start.ts'])
  startsWithModels(['scripts/start.ts'])
})

describe('npm run dev:miniflare', () => startsWithModels(['scripts/miniflare.ts']))
