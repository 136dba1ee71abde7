/** Files and bodies over real sockets: byte by byte what was asked for, and nothing read that nobody takes. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Probed } from './body-probe.ts'
import { flags, launch, launchHandler, type Server } from './launch.ts'
import { exchange, type RawResponse, RawSocket, request } from './raw-socket.ts'

const FILE = '/download/primes.csv'
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('a download', () => {
  let server: Server
  beforeAll(async () => {
    server = await launch()
  })
  afterAll(() => server.close())

  const whole = readFileSync('demo/files/primes.csv')
  const get = (headers: Record<string, string> = {}, method = 'GET'): Promise<RawResponse> =>
    exchange(server.port, request(method, FILE, headers))
  const expectLength = (headers: Headers, length: number): void => {
    expect([headers.get('content-length'), headers.get('transfer-encoding')]).toEqual(
      flags.lengthOfStreams ? [String(length), null] : [null, 'chunked'],
    )
  }

  it('says how long a file is, and sends as much', async () => {
    const { status, headers, body } = await get()
    expect(status).toBe(200)
    expectLength(headers, whole.byteLength)
    expect(sha256(body)).toBe(sha256(whole))
    const head = await get({}, 'HEAD')
    expect([head.headers.get('content-length'), head.headers.get('etag')]).toEqual([
      String(whole.byteLength),
      headers.get('etag'),
    ])
  })

  it('sends one part, with its length and place', async () => {
    for (const [range, from, to] of [
      ['bytes=5-9', 5, 9],
      ['bytes=200000-', 200_000, whole.byteLength - 1],
      ['bytes=-7', whole.byteLength - 7, whole.byteLength - 1],
    ] as const) {
      const { status, headers, body } = await get({ Range: range })
      expect([status, headers.get('content-range')]).toEqual([206, `bytes ${from}-${to}/${whole.byteLength}`])
      expectLength(headers, to - from + 1)
      expect(body).toEqual(whole.subarray(from, to + 1))
    }
  })

  it('resumes byte by byte wherever it was cut, and as often', async () => {
    const etag = (await get({}, 'HEAD')).headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[^"]+"$/)
    for (let round = 0; round < 10; round++) {
      const cuts: number[] = []
      let got = Buffer.alloc(0)
      while (got.byteLength < whole.byteLength) {
        // Now and then not even the head is waited for.
        const wanted = Math.random() < 0.1 ? 0 : Math.ceil(Math.random() * 100_000)
        got = Buffer.concat([got, await readSome(got.byteLength, wanted, etag)])
        cuts.push(got.byteLength)
      }
      expect({ cuts, hash: sha256(got) }).toEqual({ cuts, hash: sha256(whole) })
    }
  })

  async function readSome(offset: number, wanted: number, etag: string): Promise<Buffer> {
    const socket = await RawSocket.open(server.port)
    socket.write(request('GET', FILE, offset === 0 ? {} : { Range: `bytes=${offset}-`, 'If-Range': etag }))
    let got = Buffer.alloc(0)
    if (wanted > 0) {
      const head = await socket.head()
      expect([head.status, head.headers.get('etag')]).toEqual([offset === 0 ? 200 : 206, etag])
      for await (const chunk of socket.body(head)) {
        got = Buffer.concat([got, chunk])
        if (got.byteLength >= wanted) break
      }
    }
    socket.cut(Math.random() < 0.5 ? 'reset' : 'fin')
    return got.subarray(0, wanted)
  }

  it('starts anew for who has a part of another file, and sends nothing to who has it all', async () => {
    const anew = await get({ Range: 'bytes=1000-', 'If-Range': '"another"' })
    expect([anew.status, sha256(anew.body)]).toEqual([200, sha256(whole)])
    const etag = anew.headers.get('etag') ?? ''
    const has = await get({ 'If-None-Match': `"another", W/${etag}` })
    expect([has.status, has.headers.get('etag'), has.body.byteLength]).toEqual([304, etag, 0])
  })

  it('takes several requests on one connection, also after a part and after nothing', async () => {
    const socket = await RawSocket.open(server.port)
    for (const headers of [{ Range: 'bytes=0-9' }, { 'If-None-Match': '*' }, { Range: 'bytes=9999999-' }, {}]) {
      socket.write(request('GET', FILE, headers as Record<string, string>))
      const { status, body } = await socket.response()
      expect([206, 304, 416, 200]).toContain(status)
      if (status === 200) expect(sha256(body)).toBe(sha256(whole))
    }
    socket.cut('fin')
  })
})

describe('a body', () => {
  let server: Server
  beforeAll(async () => {
    server = await launchHandler('test/e2e/body-probe.ts')
  })
  afterAll(() => server.close())

  const stateOf = async (name: string): Promise<Probed> =>
    (await fetch(`${server.url}/state/${name}`)).json() as Promise<Probed>
  const ask = async (path: string): Promise<RawSocket> => {
    const socket = await RawSocket.open(server.port)
    socket.write(request('GET', path))
    return socket
  }

  it.each(['html', 'text', 'ndjson'])('sends the first piece of %s before the second is there', async (kind) => {
    const name = `first-${kind}`
    const socket = await ask(`/${kind}/${name}`)
    const head = await socket.head()
    let text = ''
    for await (const chunk of socket.body(head)) {
      text += chunk
      if (text.includes('second') || !text.includes('first')) continue
      expect((await stateOf(name)).read).toBe(1)
      await fetch(`${server.url}/release/${name}`)
    }
    expect(text).toContain('second')
  })

  it('sends the first bytes of a file before the next are there, and lets go when its reader leaves', async () => {
    const socket = await ask('/file/first-file')
    const head = await socket.head()
    for await (const chunk of socket.body(head)) {
      expect(chunk.byteLength).toBeGreaterThan(0)
      break
    }
    expect(await stateOf('first-file')).toEqual({ read: 10_000, open: 1 })
    socket.cut('reset')
    await expect.poll(async () => (await stateOf('first-file')).open, { timeout: 10_000 }).toBe(0)
  })

  it.each(['html', 'text', 'ndjson'])('tells the source of %s that its reader has left', async (kind) => {
    const name = `left-${kind}`
    const socket = await ask(`/${kind}/${name}`)
    await socket.head()
    socket.cut('reset')
    await expect.poll(async () => (await stateOf(name)).open, { timeout: 10_000 }).toBe(0)
  })

  it('reads no more of a file than its reader takes, and lets go when it leaves', async () => {
    const socket = await ask('/large/large')
    await socket.head()
    socket.pause()
    let before = -1
    await expect
      .poll(
        async () => {
          const { read } = await stateOf('large')
          const still = read === before
          before = read
          return still
        },
        { interval: 300, timeout: 10_000 },
      )
      .toBe(true)
    // What the kernel holds, and the budget: far from all of it.
    expect(before).toBeLessThan(16 * 1_048_576)
    socket.cut('reset')
    await expect.poll(async () => (await stateOf('large')).open, { timeout: 10_000 }).toBe(0)
    expect((await stateOf('large')).read).toBeLessThan(20 * 1_048_576)
  })

  it.each(['failing', 'short'])(
    'breaks off a file that is %s, so that a part never looks like the whole',
    async (kind) => {
      const socket = await ask(`/${kind}/${kind}`)
      const head = await socket.head()
      expect(head.status).toBe(200)
      let length = 0
      const read = async (): Promise<void> => {
        for await (const chunk of socket.body(head)) length += chunk.byteLength
      }
      await expect(read()).rejects.toThrow('the connection ended')
      expect(length).toBeLessThanOrEqual(300_000)
      await expect.poll(async () => (await stateOf(kind)).open).toBe(0)
    },
  )
})
