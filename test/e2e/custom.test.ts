/** A rule of one's own in `src/authorize.ts`, in place of what is configured or after it: who it lets in, and who not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inSeconds, JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { launchCopy } from './copied-app.ts'
import { EventReader } from './event-reader.ts'
import type { Server } from './launch.ts'
import { exchange, type RawResponse, request } from './raw-socket.ts'
import { as, expectRefusal, type Refusal } from './refusal.ts'

const CONFIGURED = 'a secret that is configured, of more than thirty-two characters'.replaceAll(/[ ,]/g, '-')
const PASSWORD = 'hunter2'

/** Says who may do what by itself, from headers of its own. */
const REPLACES = `
import type { Authorize } from './access/custom.ts'
import { SseError } from './errors.ts'

export const authorize: Authorize | undefined = (request, room, action) => {
  const who = request.headers.get('x-who')
  const until = request.headers.get('x-until')
  if (who === 'nobody') throw new SseError('unauthorized', 'Cannot authorize: log in first')
  if (who === 'hasty') throw new SseError('rate-limited', 'Cannot authorize: not so fast', { retryAfter: 7 })
  if (who === 'broken') throw new Error('the password is ${PASSWORD}')
  if (who === 'broken later') return Promise.reject(new TypeError('the password is ${PASSWORD}'))
  if (who === 'odd') throw '${PASSWORD}'
  if (who === null || action === 'admin' || !room.startsWith(who + '.')) return false
  return { subject: who, expires: until === null ? undefined : Number(until) }
}
`

/** Follows the tokens, but for some of whom they let in. */
const FOLLOWS = `
import type { Authorize } from './access/custom.ts'

const banned = new Set(['eve'])
export const authorize: Authorize | undefined = async (request, room, action, next) => {
  const grant = await next()
  if (request.headers.has('x-broken')) throw new Error('the password is ${PASSWORD}')
  return grant && room !== 'hidden' && !banned.has(grant.subject) && grant
}
`

type Lines = [string, string][]
const who = (name: string, until?: number): Lines => [
  ['X-Who', name],
  ...(until === undefined ? [] : [['X-Until', String(until)] as [string, string]]),
]
const json: [string, string] = ['Content-Type', 'application/json']
const eventsOf = (room: string): string => `/rooms/${room}/events`

let server: Server
const launched = (name: string, source: string, vars: Record<string, string>): void => {
  beforeAll(async () => {
    server = await launchCopy(name, source, vars)
  }, 60_000)
  afterAll(() => server.close())
}
const send = (method: string, path: string, lines: Lines, body?: string): Promise<RawResponse> =>
  exchange(server.port, request(method, path, body === undefined ? lines : [...lines, json], body))
const say = (room: string, lines: Lines, data = 'hello'): Promise<RawResponse> =>
  send('POST', eventsOf(room), lines, JSON.stringify({ data }))
const ask = (room: string, lines: Lines): Promise<RawResponse> =>
  send('POST', '/tickets', lines, JSON.stringify({ room }))

/** What a room is asked for, but for its stream; each with the status that lets in. */
const doors = (room: string, lines: Lines): [status: number, answer: () => Promise<RawResponse>][] => [
  [201, () => say(room, lines)],
  [200, () => send('GET', eventsOf(room), [...lines, ['Accept', 'application/x-ndjson']])],
  [200, () => send('GET', `/rooms/${room}`, lines)],
  [201, () => ask(room, lines)],
  [201, () => send('POST', `/chat-room/${room}/events`, lines, '{"from":"Ada","text":"hello"}')],
]

async function letsIn(room: string, lines: Lines): Promise<void> {
  for (const [status, answer] of doors(room, lines)) expect((await answer()).status).toBe(status)
  const reader = await EventReader.open(server.port, `${eventsOf(room)}?from=start`, lines)
  await reader.untilLive()
  expect(reader.published.length).toBeGreaterThan(0)
  reader.cut('fin')
}

async function keepsOut(room: string, lines: Lines, refusal: Refusal): Promise<RawResponse[]> {
  const answers = [await send('GET', eventsOf(room), lines)]
  for (const [, answer] of doors(room, lines)) answers.push(await answer())
  for (const answer of answers) {
    expectRefusal(answer, refusal)
    expect(String(answer.body)).not.toContain(PASSWORD)
  }
  return answers
}

const newest = async (room: string, lines: Lines): Promise<unknown> =>
  JSON.parse(String((await send('GET', `/rooms/${room}`, lines)).body)).newest

/** Its reader hears what is said before that time, is sent to reconnect then, and hears nothing more. */
async function endsAt(until: number, reader: EventReader, room: string, publisher: Lines): Promise<void> {
  await reader.untilLive()
  expect((await say(room, publisher, 'in time')).status).toBe(201)
  await reader.untilEnd()
  expect(Date.now()).toBeGreaterThanOrEqual(until)
  expect((await say(room, publisher, 'too late')).status).toBe(201)
  expect(reader.events.at(-1)).toEqual({ event: 'stream.end', data: '{"reconnect":true}' })
  expect(reader.published.map(({ data }) => data)).toEqual(['in time'])
}

describe('a rule in place of what is configured', () => {
  launched('replaces', REPLACES, { EDGE_SSE_SECRET: CONFIGURED })
  const secret: Lines = [['Authorization', `Bearer ${CONFIGURED}`]]

  it('lets in whom it says, and nobody else, whatever they bring', async () => {
    await letsIn('ada.room', who('ada'))
    const before = await newest('ada.room', who('ada'))
    for (const lines of [[], secret, who('ben'), who('ad'), who('ada.room'), [...secret, ...who('ben')]])
      await keepsOut('ada.room', lines, as(403, 'forbidden'))
    expect(await newest('ada.room', who('ada'))).toBe(before)
    expectRefusal(await send('GET', '/metrics', secret), as(403, 'forbidden'))
    expect((await send('GET', '/healthz', [])).status).toBe(200)
    expectRefusal(await send('GET', '/rooms/ada.absent', who('ada')), as(404, 'room-not-found'))
  })

  it('answers with the SseError that it throws', async () => {
    for (const { headers } of await keepsOut('nobody.room', who('nobody'), as(401, 'unauthorized')))
      expect(headers.get('www-authenticate')).toBe('Bearer')
    for (const { headers } of await keepsOut('hasty.room', who('hasty'), as(429, 'rate-limited')))
      expect(headers.get('retry-after')).toBe('7')
    // Who would never come back from a 429 is told so inside a stream, which holds nothing else.
    expect((await say('ada.hasty', who('ada'))).status).toBe(201)
    const native: Lines = [...who('hasty'), ['Accept', 'text/event-stream']]
    const reader = await EventReader.open(server.port, `${eventsOf('ada.hasty')}?from=start`, native)
    await reader.untilEnd()
    expect(reader.events).toEqual([{ event: 'stream.busy', data: '{"code":"rate-limited"}' }])
  })

  it('that breaks is a neutral 500, and lets nobody in', async () => {
    await letsIn('ada.safe', who('ada'))
    const before = await newest('ada.safe', who('ada'))
    for (const how of ['broken', 'broken later', 'odd']) {
      await keepsOut('ada.safe', who(how), as(500, 'internal-error'))
      const native: Lines = [...who(how), ['Accept', 'text/event-stream']]
      expectRefusal(await send('GET', eventsOf('ada.safe'), native), as(500, 'internal-error'))
    }
    expect(await newest('ada.safe', who('ada'))).toBe(before)
    await letsIn('ada.safe', who('ada'))
  })

  it('says how long: a stream ends then, and what has no time that can be told is no right', async () => {
    const until = Date.now() + 1_500
    const reader = await EventReader.open(server.port, eventsOf('ada.brief'), who('ada', until))
    await endsAt(until, reader, 'ada.brief', who('ada'))
    await keepsOut('ada.brief', who('ada', until), as(401, 'unauthorized'))
    for (const never of [Number.NaN, 0, -1, Number.NEGATIVE_INFINITY])
      await keepsOut('ada.brief', who('ada', never), as(401, 'unauthorized'))
    await letsIn('ada.brief', who('ada', Number.POSITIVE_INFINITY))
  })

  it('is what tickets follow', async () => {
    const ticketFor = async (until?: number): Promise<string> => {
      const { status, body } = await ask('ada.ticket', who('ada', until))
      expect(status).toBe(201)
      return `?ticket=${JSON.parse(String(body)).ticket}`
    }
    for (const until of [undefined, Number.POSITIVE_INFINITY]) {
      const target = eventsOf('ada.ticket') + (await ticketFor(until))
      const reader = await EventReader.open(server.port, target)
      await reader.untilLive()
      const { body } = await say('ada.ticket', who('ada'))
      await reader.untilId(JSON.parse(String(body)).id)
      reader.cut('fin')
      expectRefusal(await send('GET', target, []), as(401, 'invalid-ticket'))
    }
    const until = Date.now() + 1_500
    const ticket = await ticketFor(until)
    const reader = await EventReader.open(server.port, `${eventsOf('ada.ticket')}${ticket}`)
    await endsAt(until, reader, 'ada.ticket', who('ada'))
    const foreign = await ticketFor()
    expectRefusal(await send('GET', `${eventsOf('ben.room')}${foreign}`, who('ben')), as(401, 'invalid-ticket'))
  })
})

describe('a rule after what is configured', () => {
  launched('follows', FOLLOWS, { EDGE_SSE_JWT_SECRET: JWT_SECRET })
  const RIGHTS = ['subscribe', 'publish']
  const tokenFor = async (sub: string, claims: Record<string, unknown> = {}): Promise<Lines> => {
    const rooms = { lobby: RIGHTS, hidden: RIGHTS }
    return [['Authorization', `Bearer ${await tokenOf({ claims: { sub, rooms, ...claims } })}`]]
  }

  it('lets in whom both let in', async () => {
    const ada = await tokenFor('ada')
    await letsIn('lobby', ada)
    const before = await newest('lobby', ada)
    await keepsOut('lobby', [], as(401, 'unauthorized'))
    await keepsOut('lobby', await tokenFor('ada', { exp: inSeconds(-1) }), as(401, 'unauthorized'))
    await keepsOut('lobby', await tokenFor('eve'), as(403, 'forbidden'))
    await keepsOut('hidden', ada, as(403, 'forbidden'))
    await keepsOut('other', ada, as(403, 'forbidden'))
    await keepsOut('lobby', [...ada, ['X-Broken', '1']], as(500, 'internal-error'))
    expect(await newest('lobby', ada)).toBe(before)
  })

  it('leaves a right as long as it is', async () => {
    const ada = await tokenFor('ada')
    const exp = inSeconds(2)
    const [brief, ticket] = [await tokenFor('ada', { exp }), await tokenFor('ada', { exp })]
    const { body } = await ask('lobby', ticket)
    const readers = [
      await EventReader.open(server.port, eventsOf('lobby'), brief),
      await EventReader.open(server.port, `${eventsOf('lobby')}?ticket=${JSON.parse(String(body)).ticket}`),
    ]
    for (const reader of readers) await reader.untilLive()
    expect((await say('lobby', ada, 'in time')).status).toBe(201)
    for (const reader of readers) {
      await reader.untilEnd()
      expect(Date.now()).toBeGreaterThanOrEqual(exp * 1_000)
      expect(reader.events.at(-1)).toEqual({ event: 'stream.end', data: '{"reconnect":true}' })
      expect(reader.published.map(({ data }) => data)).toEqual(['in time'])
    }
  })
})
