/** Rooms on the running Worker, over bare sockets: what a reader gets when connections do what connections do. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ParsedMessage, parseMessages } from '../../src/parse.ts'
import { EventReader, isPublished, seqOf } from './event-reader.ts'
import { launch, type Server } from './launch.ts'
import { type Cut, exchange, RawSocket, request } from './raw-socket.ts'
import { fill, history, info, inParallel, publish, publishAll, range } from './room-client.ts'

const CUTS: Cut[] = ['reset', 'fin']
/** As a browser's EventSource asks. */
const NATIVE = { Accept: 'text/event-stream' }

let server: Server
beforeAll(async () => {
  server = await launch()
})
afterAll(() => server.close())

const open = (room: string, query = '', lastEventId?: string): Promise<EventReader> =>
  EventReader.open(server.port, `/rooms/${room}/events${query}`, {
    ...NATIVE,
    ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }),
  })

/** Comes back as EventSource does and stays until it is live; gives what came. */
async function comeBack(room: string, query: string, lastEventId: string | undefined): Promise<EventReader> {
  const reader = await open(room, query, lastEventId)
  await reader.untilLive()
  reader.cut('fin')
  expect(reader.named('stream.live')).toHaveLength(1)
  return reader
}

describe('a stream that is cut', () => {
  /** The messages in the first bytes of a stream, half blocks not counted. */
  async function dispatched(bytes: Buffer): Promise<ParsedMessage[]> {
    const messages: ParsedMessage[] = []
    for await (const message of parseMessages(new Blob([new Uint8Array(bytes)]).stream())) messages.push(message)
    return messages
  }

  /** Reads `length` bytes of a body, or less where `isEnough`, and then leaves. */
  async function readAndCut(
    socket: RawSocket,
    body: AsyncIterator<Buffer>,
    length: number,
    isEnough: (text: string) => boolean,
    cut: Cut,
    before = Buffer.alloc(0),
  ): Promise<{ bytes: Buffer; whole: boolean }> {
    let bytes = before
    while (bytes.byteLength < length && !isEnough(String(bytes))) {
      const { value } = await body.next()
      bytes = Buffer.concat([bytes, value as Buffer])
    }
    socket.cut(cut)
    return { bytes: bytes.subarray(0, length), whole: bytes.byteLength < length }
  }

  const lastIdOf = (messages: ParsedMessage[]): string | undefined =>
    messages.findLast(({ id }) => id !== undefined)?.id

  async function start(room: string, query: string): Promise<{ socket: RawSocket; body: AsyncIterator<Buffer> }> {
    const socket = await RawSocket.open(server.port)
    socket.write(request('GET', `/rooms/${room}/events${query}`, NATIVE))
    return { socket, body: socket.body(await socket.head()) }
  }

  it.each(CUTS)('in its replay, at any byte, by %s: every event comes once', async (cut) => {
    const room = `replay-${cut}`
    const ids = await publishAll(server.url, room, 3)
    const isLive = (text: string): boolean => /event: stream\.live\n.*\n.*\n\n/.test(text)
    let beyondTheEnd = 0
    const cutAt = async (offset: number): Promise<void> => {
      const { socket, body } = await start(room, '?from=start')
      const { bytes, whole } = await readAndCut(socket, body, offset, isLive, cut)
      if (whole) beyondTheEnd++
      const before = await dispatched(bytes)
      const reader = await comeBack(room, '?from=start', lastIdOf(before))
      expect({ offset, gaps: reader.named('stream.gap') }).toEqual({ offset, gaps: [] })
      const received = [...before, ...reader.events].filter(isPublished)
      expect({ offset, ids: received.map(({ id }) => id) }).toEqual({ offset, ids })
    }
    // To beyond the end, wherever that is: how many read is part of the stream, and has one digit or two.
    const width = 16
    for (let first = 0; beyondTheEnd === 0; first += width)
      await Promise.all(range(first, first + width - 1).map(cutAt))
  })

  it.each(CUTS)('live, at any byte, by %s: every event comes once, also what was said meanwhile', async (cut) => {
    const live = /event: stream\.live\n.*\n.*\n\n$/
    let length = 0
    const cutAt = async (offset: number): Promise<void> => {
      const room = `live-${cut}-${offset}`
      const past = await publish(server.url, room, 'the past')
      const { socket, body } = await start(room, '')
      let opening = ''
      while (!live.test(opening)) opening += (await body.next()).value
      expect(lastIdOf(await dispatched(Buffer.from(opening)))).toBe(past.id)
      const ids = await publishAll(server.url, room, 3)
      length = ids.reduce((sum, id, index) => sum + `data: ${index + 1}\nid: ${id}\n\n`.length, 0)
      const { bytes } = await readAndCut(socket, body, offset, () => false, cut)
      ids.push((await publish(server.url, room, 4)).id)
      const before = await dispatched(Buffer.concat([Buffer.from(opening), bytes]))
      const reader = await comeBack(room, '', lastIdOf(before))
      expect({ offset, gaps: reader.named('stream.gap') }).toEqual({ offset, gaps: [] })
      const received = [...before, ...reader.events].filter(isPublished)
      expect({ offset, received: received.map(({ id, data }) => [id, data]) }).toEqual({
        offset,
        received: ids.map((id, index) => [id, String(index + 1)]),
      })
    }
    await cutAt(0)
    await inParallel(range(1, length), 16, cutAt)
  })

  it.each(CUTS)('by %s after nothing but stream.live of a room with a past: it misses nothing', async (cut) => {
    const room = `only-live-${cut}`
    const past = await publishAll(server.url, room, 5)
    const first = await open(room)
    await first.untilLive()
    first.cut(cut)
    expect(first.published).toEqual([])
    const cursor = first.named('stream.live')[0]?.id
    expect(cursor).toBe(past.at(-1))
    const missed = await publishAll(server.url, room, 3)
    const reader = await comeBack(room, '', cursor)
    expect(reader.ids).toEqual(missed)
    expect(reader.named('stream.gap')).toEqual([])
  })

  it.each(CUTS)('by %s in a room that was empty: it gets what came first', async (cut) => {
    const room = `was-empty-${cut}`
    const first = await open(room)
    await first.untilLive()
    first.cut(cut)
    expect(first.named('stream.live').map(({ id }) => id)).toEqual(['0'])
    const ids = await publishAll(server.url, room, 2)
    const reader = await comeBack(room, '', '0')
    expect(reader.ids).toEqual(ids)
    expect(reader.named('stream.gap')).toEqual([])
  })
})

describe('joining', () => {
  it('while others publish at full rate loses and repeats nothing, wherever one begins', async () => {
    const room = 'joining'
    const EVENTS = 400
    const READERS = 40
    const acknowledged = new Map<number, string>()
    const joining: Promise<{ query: string; cursor: string | undefined; reader: EventReader }>[] = []
    const join = async (index: number) => {
      const known = [...acknowledged.values()]
      const cursor = index % 2 === 0 ? known[Math.floor(Math.random() * known.length)] : undefined
      const query = ['?from=start', '', `?from=${index}`][index % 3] ?? ''
      return { query, cursor, reader: await open(room, query, cursor) }
    }
    await inParallel(range(1, EVENTS), 8, async (n) => {
      const { id } = await publish(server.url, room, n)
      acknowledged.set(seqOf(id), id)
      // Spread over the whole run by what was published, not by time; nobody waits for anybody.
      if (n % (EVENTS / READERS) === 0) joining.push(join(joining.length))
    })
    const readers = await Promise.all(joining)
    expect(readers).toHaveLength(READERS)
    const { id: last } = await publish(server.url, room, 'the last')
    acknowledged.set(seqOf(last), last)
    expect([...acknowledged.keys()].toSorted((a, b) => a - b)).toEqual(range(1, EVENTS + 1))
    for (const { query, cursor, reader } of readers) {
      await reader.untilId(last)
      reader.cut('fin')
      const seqs = reader.ids.map(seqOf)
      const lives = reader.named('stream.live')
      const liveAt = reader.events.findIndex(({ event }) => event === 'stream.live')
      const liveSeq = seqOf(lives[0]?.id)
      const replayed = reader.events.slice(0, liveAt).filter(isPublished)
      const who = { query, cursor }
      expect({ ...who, lives: lives.length, gaps: reader.named('stream.gap') }).toEqual({ ...who, lives: 1, gaps: [] })
      // A contiguous run to the end, each event under the id its publisher was told.
      expect({ ...who, ids: reader.ids }).toEqual({ ...who, ids: seqs.map((seq) => acknowledged.get(seq)) })
      expect({ ...who, seqs }).toEqual({ ...who, seqs: range(seqs[0] ?? 0, EVENTS + 1) })
      // What was replayed ends where stream.live says, and it begins where the reader asked.
      expect({ ...who, replayed: replayed.length }).toEqual({ ...who, replayed: liveSeq - (seqs[0] ?? 0) + 1 })
      if (cursor) expect({ ...who, first: seqs[0] }).toEqual({ ...who, first: seqOf(cursor) + 1 })
      else if (query === '?from=start') expect({ ...who, first: seqs[0] }).toEqual({ ...who, first: 1 })
      else if (query === '') expect({ ...who, first: seqs[0] }).toEqual({ ...who, first: liveSeq + 1 })
    }
  })
})

describe('a reader that leaves', () => {
  const subscribers = async (room: string): Promise<number | undefined> => (await info(server.url, room))?.subscribers

  it.each(CUTS)('by %s is not counted any more, and those who stay lose nothing', async (cut) => {
    const room = `leaving-${cut}`
    const ids = await publishAll(server.url, room, 2)
    const staying = await Promise.all(range(1, 3).map(() => open(room, '?from=start')))
    const leaving = await Promise.all(range(1, 10).map(() => open(room, '?from=start')))
    for (const reader of [...staying, ...leaving]) await reader.untilLive()
    expect(await subscribers(room)).toBe(13)
    for (const reader of leaving) reader.cut(cut)
    // A reset is noticed at once; a FIN by workerd at its next write.
    const left = async (): Promise<number | undefined> => {
      if (cut === 'fin') ids.push((await publish(server.url, room, 'anybody there?')).id)
      return subscribers(room)
    }
    await expect.poll(left, { interval: 20, timeout: 10_000 }).toBe(3)
    ids.push(...(await publishAll(server.url, room, 3)))
    for (const reader of staying) {
      await reader.untilId(ids.at(-1) as string)
      await reader.until('who is left', () => reader.named('stream.presence').at(-1)?.data === '{"subscribers":3}')
      expect(reader.ids).toEqual(ids)
      expect(reader.named('stream.live')).toHaveLength(1)
      reader.cut('reset')
    }
    await expect.poll(() => subscribers(room), { interval: 20, timeout: 10_000 }).toBe(0)
  })

  it('before its answer, or in the middle of its replay, is no ghost in the room', async () => {
    const room = 'hasty'
    await inParallel(range(1, 20), 8, () => publish(server.url, room, 'x'.repeat(50_000)))
    await inParallel(range(1, 48), 16, async (n) => {
      const socket = await RawSocket.open(server.port)
      socket.write(request('GET', `/rooms/${room}/events?from=start`, NATIVE))
      if (n % 4 > 1) {
        const body = socket.body(await socket.head())
        await body.next()
      }
      socket.cut(n % 2 === 0 ? 'reset' : 'fin')
    })
    const left = async (): Promise<number | undefined> => {
      await publish(server.url, room, 'anybody there?')
      return subscribers(room)
    }
    await expect.poll(left, { interval: 20, timeout: 10_000 }).toBe(0)
  })
})

describe('a reader that stalls', () => {
  it('gets every event in order when it wakes, and a healthy one beside it never waited for it', {
    timeout: 90_000,
  }, async () => {
    const room = 'stalling'
    const EVENTS = 900
    const SIZE = 7_000
    const [stalled, healthy] = await Promise.all([open(room), open(room)])
    await Promise.all([stalled.untilLive(), healthy.untilLive()])
    stalled.pause()
    const data = (n: number): string => `${n} `.repeat(SIZE).slice(0, SIZE)
    expect(EVENTS * SIZE).toBeGreaterThan(6 * 1024 * 1024)
    const digests = new Map<string, string>()
    await inParallel(range(1, EVENTS), 8, async (n) => {
      const text = data(n)
      digests.set((await publish(server.url, room, text)).id, digest(text))
    })
    const ids = [...digests.keys()].toSorted((a, b) => seqOf(a) - seqOf(b))
    await healthy.untilId(ids.at(-1) as string)
    expect(healthy.ids).toEqual(ids)
    // All of it had reached the one before the other woke, and more of it was left than the kernel had taken.
    const taken = stalled.published.length * SIZE + inKernel(stalled.localPort)
    expect(stalled.ids).not.toContain(ids.at(-1))
    expect(taken).toBeLessThan(EVENTS * SIZE)
    stalled.resume()
    await stalled.untilId(ids.at(-1) as string)
    for (const reader of [stalled, healthy]) {
      expect(reader.ids).toEqual(ids)
      expect(reader.published.map(({ data }) => digest(data))).toEqual(ids.map((id) => digests.get(id)))
      expect(reader.named('stream.gap')).toEqual([])
      expect(reader.named('stream.live')).toHaveLength(1)
    }
    // It is live again.
    const { id } = await publish(server.url, room, 'awake')
    await stalled.untilId(id)
    expect(stalled.ids).toEqual([...ids, id])
    for (const reader of [stalled, healthy]) reader.cut('reset')
  })

  const digest = (text: string): string => createHash('sha256').update(text).digest('base64')

  /** Bytes of a loopback connection that wait in the kernel, on both its sides. Linux tells; elsewhere none are counted. */
  function inKernel(port: number): number {
    if (process.platform !== 'linux') return 0
    const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
    let bytes = 0
    for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
      const [, local = '', remote = '', , queues = ''] = line.trim().split(/\s+/)
      const [sending = '0', receiving = '0'] = queues.split(':')
      if (local.endsWith(hex)) bytes += Number.parseInt(receiving, 16)
      if (remote.endsWith(hex)) bytes += Number.parseInt(sending, 16)
    }
    return bytes
  }
})

describe('the retention limit', () => {
  it('replays exactly what is kept, for logs of 0, 1, N−1, N, N+1 events and up to where the floor moves', {
    timeout: 90_000,
  }, async () => {
    const room = 'retention'
    const N = 1_000
    const ids: string[] = []
    const grow = async (count: number): Promise<void> => {
      ids.push(...(await fill(server.url, room, count - ids.length)))
      expect(ids.map(seqOf)).toEqual(range(1, count))
    }
    /** What a reader gets that begins there, and what history says of it. */
    const replays = async (query: string, after: string | undefined, expected: string[]): Promise<void> => {
      const reader = await comeBack(room, query, after)
      const who = { count: ids.length, query, after }
      expect({ ...who, gaps: reader.named('stream.gap'), ids: reader.ids }).toEqual({ ...who, gaps: [], ids: expected })
      expect(reader.named('stream.live')[0]?.id).toBe(ids.at(-1) ?? '0')
      if (query.startsWith('?from=') && query !== '?from=start') return
      const told = await history(server.url, room, after === undefined ? '' : `?after=${after}`)
      expect({ ...who, told: told.map(({ id }) => id) }).toEqual({ ...who, told: expected.slice(0, 1_000) })
    }
    const isGap = async (asked: string, reason: string, floor: number): Promise<void> => {
      const reader = await comeBack(room, '', asked)
      const gap = { reason, asked, oldest: ids[floor], newest: ids.at(-1) }
      const id = floor === 0 ? '0' : ids[floor - 1]
      expect(reader.named('stream.gap').map(({ id, data }) => ({ id, gap: JSON.parse(data) }))).toEqual([{ id, gap }])
      expect(reader.ids).toEqual(ids.slice(floor))
      const [first, ...others] = await history(server.url, room, `?after=${asked}`)
      expect(first).toEqual({ id, event: 'stream.gap', gap })
      expect(others.map(({ id }) => id)).toEqual(ids.slice(floor, floor + 1_000))
    }

    await replays('?from=start', undefined, [])
    expect(await info(server.url, room)).toBeUndefined()
    for (const count of [1, N - 1, N, N + 1, 1.1 * N]) {
      await grow(count)
      expect(await info(server.url, room)).toMatchObject({ oldest: ids[0], newest: ids[count - 1], count })
      await replays('?from=start', undefined, ids)
      await replays('', '0', ids)
      for (const at of new Set([1, Math.ceil(count / 2), count - 1, count]))
        if (at > 0) await replays('', ids[at - 1], ids.slice(at))
      await replays(`?from=${count + 1}`, undefined, ids)
      await replays(`?from=${N}`, undefined, ids.slice(-N))
    }

    // One more, and the oldest go in bulk: N are left, and everything before them is one floor.
    await grow(1.1 * N + 1)
    const floor = 0.1 * N + 1
    expect(await info(server.url, room)).toMatchObject({ oldest: ids[floor], newest: ids.at(-1), count: N })
    await replays('?from=start', undefined, ids.slice(floor))
    await replays(`?from=${N}`, undefined, ids.slice(floor))
    await replays(`?from=${N + 1}`, undefined, ids.slice(floor))
    await replays('', ids[floor - 1], ids.slice(floor)) // The floor itself is a good cursor.
    await replays('', ids[floor], ids.slice(floor + 1))
    await replays('', ids.at(-1), [])
    await isGap(ids[floor - 2] as string, 'expired', floor)
    await isGap(ids[0] as string, 'expired', floor)
    await isGap('0', 'expired', floor)
    await isGap(`${floor}-zzzzzz`, 'unknown', floor) // The floor's seq under another tag is another log's.
    await isGap(`${floor + 1}-zzzzzz`, 'unknown', floor)
  })
})

describe('history', () => {
  it('is what a stream replays, with after and limit, over several pages', async () => {
    const room = 'history'
    const messages: [data: unknown, event?: string][] = [
      ['plain'],
      ['', 'chat'],
      [' leading, and\ntwo lines\n'],
      [{ nested: [1, 2.5, null], text: 'é😀' }, 'naïve 😀'],
      [0],
      [false, ''],
      ['x'.repeat(60_000)],
      ['y'.repeat(60_000), 'large'],
      ['z'.repeat(200_000)],
      ...range(1, 40).map((n): [string] => [`${n} `.repeat(2_000)]),
    ]
    const ids: string[] = []
    for (const [data, event] of messages)
      ids.push((await publish(server.url, room, data, event === undefined ? {} : { event })).id)
    const replayed = async (after: string | undefined): Promise<object[]> => {
      const reader = await comeBack(room, '?from=start', after)
      return reader.published.map(({ id, event, data }) => (event === undefined ? { id, data } : { id, event, data }))
    }
    const all = await history(server.url, room)
    expect(all.map(({ id }) => id)).toEqual(ids)
    expect(all.map(({ data }) => data)).toEqual(
      messages.map(([data]) => (typeof data === 'string' ? data : JSON.stringify(data))),
    )
    expect(all.map(({ event }) => event)).toEqual(messages.map(([, event]) => event || undefined))
    expect(await replayed(undefined)).toEqual(all)
    expect(await history(server.url, room, '?after=0')).toEqual(all)
    for (const after of [0, 3, 6, 7, 8, 20, 47, 48]) {
      const rest = await replayed(ids[after])
      expect(rest).toEqual(all.slice(after + 1))
      expect(await history(server.url, room, `?after=${ids[after]}`)).toEqual(rest)
      for (const limit of [1, 2, 10, 1_000, 999_999])
        expect(await history(server.url, room, `?after=${ids[after]}&limit=${limit}`)).toEqual(rest.slice(0, limit))
    }
    for (const limit of [1, 8, 48, 49, 50])
      expect(await history(server.url, room, `?limit=${limit}`)).toEqual(all.slice(0, limit))
  })

  it('is empty for a room where nothing was ever said, and makes none of it', async () => {
    const response = await exchange(
      server.port,
      request('GET', '/rooms/nobody/events', { Accept: 'application/x-ndjson' }),
    )
    expect({
      status: response.status,
      type: response.headers.get('content-type'),
      body: String(response.body),
    }).toEqual({
      status: 200,
      type: 'application/x-ndjson',
      body: '',
    })
    expect(await info(server.url, 'nobody')).toBeUndefined()
  })
})

describe('HEAD and OPTIONS', () => {
  it('HEAD has the headers of GET, subscribes nobody and makes no room', async () => {
    for (const [path, accept] of [
      ['/rooms/headed/events', 'text/event-stream'],
      ['/rooms/headed/events', 'application/x-ndjson'],
      ['/sse', 'text/event-stream'],
    ] as const) {
      const get = await RawSocket.open(server.port)
      get.write(request('GET', path, { Accept: accept }))
      const { status, headers } = await get.head()
      get.cut('reset')
      const head = await exchange(server.port, request('HEAD', path, { Accept: accept }))
      // What belongs to the connection is the runtime's, and Bun dates what has a body alone.
      for (const name of ['transfer-encoding', 'connection', 'keep-alive', 'date'])
        for (const each of [headers, head.headers]) each.delete(name)
      if (!head.headers.has('content-length')) headers.delete('content-length') // Bun counts a list that is empty.
      expect({ status: head.status, headers: Object.fromEntries(head.headers) }).toEqual({
        status,
        headers: Object.fromEntries(headers),
      })
    }
    const { status, body } = await exchange(server.port, request('HEAD', '/rooms/headed'))
    expect({ status, body: String(body) }).toEqual({ status: 404, body: '' })
    const { id } = await publish(server.url, 'headed', 1)
    await expect
      .poll(() => info(server.url, 'headed'), { timeout: 10_000 })
      .toMatchObject({ newest: id, subscribers: 0 })
    expect((await exchange(server.port, request('HEAD', '/rooms/headed'))).status).toBe(200)
  })

  it.each([
    ['/rooms/lobby', 'GET, HEAD, OPTIONS'],
    ['/rooms/lobby/events', 'GET, HEAD, POST, OPTIONS'],
  ])('OPTIONS %s says %s, and a wrong method is told the same', async (path, allow) => {
    const options = await exchange(server.port, request('OPTIONS', path))
    expect({ status: options.status, allow: options.headers.get('allow') }).toEqual({ status: 204, allow })
    const wrong = await exchange(server.port, request('PUT', path))
    expect({ status: wrong.status, allow: wrong.headers.get('allow') }).toEqual({ status: 405, allow })
  })
})
