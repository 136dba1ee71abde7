/** A right to read that ends, or is withdrawn, while a room is busy: what its reader still gets, and how it comes back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Published } from '../../src/rooms/room.ts'
import { inSeconds, JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { EventReader, seqOf } from './event-reader.ts'
import { launch, type Server } from './launch.ts'
import { exchange, type RawResponse, request } from './raw-socket.ts'
import { as, expectRefusal, type Refusal } from './refusal.ts'
import { history, publish, range } from './room-client.ts'

const APP = 'https://app.example'
/** Seconds that a token lasts which ends in mid-stream. */
const SOON = 3
/**
 * Milliseconds by which two may differ that look at the same clock at the same time: it counts whole ones, and the server
 * looks twice, when it makes the stream and when it writes.
 */
const TOLERANCE = 5
/** Milliseconds that what was answered may still need to its reader, which another process may hold. */
const ON_ITS_WAY = 500
/** Milliseconds within which a machine with other work comes to what is due. */
const LATE = 2_000

type Lines = [string, string][]

let server: Server
beforeAll(async () => {
  server = await launch({ EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_COOKIE: 'session', EDGE_SSE_ORIGINS: APP })
})
afterAll(() => server.close())

const token = (claims: Record<string, unknown>): Promise<string> => tokenOf({ claims })
const bearer = (text: string): Lines => [['Authorization', `Bearer ${text}`]]
const cookie = (text: string): Lines => [
  ['Cookie', `session=${text}`],
  ['Origin', APP],
]
const askTicket = (room: string, text: string): Promise<RawResponse> =>
  exchange(
    server.port,
    request('POST', '/tickets', [...bearer(text), ['Content-Type', 'application/json']], JSON.stringify({ room })),
  )
const ticketFor = async (room: string, text: string): Promise<string> => {
  const { status, body } = await askTicket(room, text)
  expect(status).toBe(201)
  return JSON.parse(String(body)).ticket
}

/** A way to bring a token along to a stream. */
interface Way {
  route: 'rooms' | 'chat-room'
  /** Query and headers of who has this token. */
  with(room: string, text: string): Promise<[query: string, lines: Lines]>
  /** What it gets that comes with the same once more, when that has expired. */
  expired: Refusal
}
const WAYS: Record<string, Way> = {
  'a token': { route: 'rooms', with: async (_, text) => ['', bearer(text)], expired: as(401, 'unauthorized') },
  'a cookie': { route: 'rooms', with: async (_, text) => ['', cookie(text)], expired: as(401, 'unauthorized') },
  'a ticket': {
    route: 'rooms',
    with: async (room, text) => [`?ticket=${await ticketFor(room, text)}`, []],
    expired: as(401, 'invalid-ticket'),
  },
  'a token, in a chat': {
    route: 'chat-room',
    with: async (_, text) => ['', bearer(text)],
    expired: as(401, 'unauthorized'),
  },
}

/** Publishes one after the other until it is stopped, and knows when it did what. */
class Traffic {
  readonly published: (Published & { asked: number; answered: number })[] = []
  readonly #room: string
  readonly #headers: Record<string, string>
  readonly #running: Promise<void>
  #stopped = false

  constructor(room: string, text: string) {
    this.#room = room
    this.#headers = Object.fromEntries(bearer(text))
    this.#running = this.#run()
  }

  get ids(): string[] {
    return this.published.map(({ id }) => id)
  }

  /** Resolves when so many more were published. */
  async more(count: number): Promise<void> {
    const due = this.published.length + count
    await expect.poll(() => this.published.length, { interval: 5, timeout: 10_000 }).toBeGreaterThanOrEqual(due)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async say(data: string): Promise<Published> {
    return publish(server.url, this.#room, data, { headers: this.#headers })
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const asked = Date.now()
      const answer = await this.say(`${this.published.length + 1}`)
      this.published.push({ ...answer, asked, answered: Date.now() })
      await new Promise((resolve) => setTimeout(resolve, 4)) // Leaves the processor to the others.
    }
  }
}

describe.each(Object.entries(WAYS))('a stream by %s', (name, { route, with: bring, expired }) => {
  const room = `expiring-${name.replaceAll(/\W+/g, '-')}`
  const path = `/${route}/${room}/events`
  const reads = { rooms: { [room]: ['subscribe'] } }
  const open = ([query, lines]: [string, Lines], lastEventId: string): Promise<EventReader> =>
    EventReader.open(server.port, `${path}${query}`, [...lines, ['Last-Event-ID', lastEventId]])
  const refused = async ([query, lines]: [string, Lines], refusal: Refusal, lastEventId: string): Promise<void> => {
    for (const accept of ['*/*', 'text/event-stream']) {
      const all: Lines = [...lines, ['Last-Event-ID', lastEventId], ['Accept', accept]]
      expectRefusal(await exchange(server.port, request('GET', `${path}${query}`, all)), refusal)
    }
  }

  it('ends when the token does, in the middle of all that is said, and goes on where it was with a fresh one', async () => {
    const traffic = new Traffic(room, await token({ rooms: { [room]: ['publish'] } }))
    try {
      await traffic.more(3)
      const exp = inSeconds(SOON)
      const short = await token({ ...reads, exp })
      const brought = await bring(room, short)
      const unused = await ticketFor(room, short)
      const first = await open(brought, '0')
      await first.untilLive()
      await first.untilEnd()
      const end = Date.now()
      await traffic.more(5)

      // At its time, and told so.
      expect(first.ended).toBe('well')
      expect(first.events.at(-1)).toEqual({ event: 'stream.end', data: '{"reconnect":true}' })
      expect(first.events.filter(({ event }) => event === 'stream.end')).toHaveLength(1)
      expect(end).toBeGreaterThanOrEqual(exp * 1_000)
      expect(end).toBeLessThan(exp * 1_000 + LATE)

      // All that was said before, and nothing that was said later.
      const got = first.ids.length
      expect(first.ids).toEqual(traffic.ids.slice(0, got))
      const [before, after] = [traffic.published.slice(0, got), traffic.published.slice(got)]
      for (const { asked } of before) expect(asked).toBeLessThan(exp * 1_000 + TOLERANCE)
      for (const { answered } of after) expect(answered).toBeGreaterThan(exp * 1_000 - ON_ITS_WAY)
      expect([before.length > 10, after.length > 2]).toEqual([true, true]) // It was busy on both sides of the moment.

      // With the same there is no way back.
      const last = first.ids.at(-1) ?? ''
      await refused(brought, expired, last)
      await refused([`?ticket=${unused}`, []], as(401, 'invalid-ticket'), last)
      expectRefusal(await askTicket(room, short), as(401, 'unauthorized'))

      // With a fresh one it is as if nothing had happened.
      const second = await open(await bring(room, await token(reads)), last)
      await second.untilLive()
      await traffic.more(5)
      await traffic.stop()
      await second.untilId(traffic.ids.at(-1) ?? '')
      expect([...first.ids, ...second.ids]).toEqual(traffic.ids)
      expect([...first.ids, ...second.ids].map(seqOf)).toEqual(range(1, traffic.ids.length))
      for (const reader of [first, second]) {
        expect(reader.named('stream.gap')).toEqual([])
        expect(reader.named('stream.live')).toHaveLength(1)
      }
      expect(second.ended).toBeUndefined()
      second.cut('fin')
    } finally {
      await traffic.stop()
    }
  })

  it('shows nothing of what is said after the right was withdrawn', async () => {
    const other = `${room}-withdrawn`
    const its = (which: string): string => `/${route}/${which}/events`
    const traffic = new Traffic(other, await token({ rooms: { [other]: ['publish'] } }))
    try {
      await traffic.more(1)
      const [query, lines] = await bring(
        other,
        await token({ rooms: { [other]: ['subscribe'] }, exp: inSeconds(SOON - 1) }),
      )
      const first = await EventReader.open(server.port, `${its(other)}${query}`, [...lines, ['Last-Event-ID', '0']])
      await first.untilEnd()
      await traffic.stop()
      const last = first.ids.at(-1) ?? ''
      const secret = await traffic.say('what nobody hears who may not')

      // A fresh token, of the same subject, without the room.
      const rights = { rooms: { [`${other}-0`]: ['subscribe', 'publish'], [other]: ['publish'] } }
      const withdrawn = await token(rights)
      const gone = `${other}-gone` // A room that never was is answered alike.
      for (const brings of [bearer(withdrawn), cookie(withdrawn)])
        for (const [what, accept] of [
          ['events', '*/*'],
          ['events', 'text/event-stream'],
          ['history', 'application/x-ndjson'],
          ['info', '*/*'],
        ]) {
          const answers: string[] = []
          for (const which of [other, gone]) {
            const target = {
              events: its(which),
              history: `/rooms/${which}/events?after=${last}`,
              info: `/rooms/${which}`,
            }
            const all: Lines = [...brings, ['Last-Event-ID', last], ['Accept', accept as string]]
            const answer = await exchange(server.port, request('GET', target[what as keyof typeof target], all))
            expectRefusal(answer, as(403, 'forbidden'))
            answers.push(String(answer.body))
          }
          expect(answers[0]).toBe(answers[1])
          expect(answers[0]).not.toMatch(new RegExp(`nobody hears|${secret.id}|${last}`))
        }
      for (const which of [other, gone]) expectRefusal(await askTicket(which, withdrawn), as(403, 'forbidden'))
      expect(JSON.stringify(first.events)).not.toContain('nobody hears')
      // It was there all the while, for who may.
      const reader = Object.fromEntries(bearer(await token({ rooms: { [other]: ['subscribe'] } })))
      expect((await history(server.url, other, `?after=${last}`, reader)).map(({ id }) => id)).toContain(secret.id)
    } finally {
      await traffic.stop()
    }
  })
})
