/** Every route of a room, asked by whoever brings whichever rights: what is answered, and what it must not tell. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jwtAccess } from '../../src/access/jwt.ts'
import { ticketsFrom } from '../../src/access/tickets.ts'
import { routes } from '../../src/app/routes.ts'
import { type AppContext, app } from '../../src/app.ts'
import { folderFiles } from '../../src/files/folder-files.ts'
import { memoryRooms } from '../../src/rooms/memory.ts'
import { NAMES } from '../rooms/awkward-names.ts'
import { StreamReader } from '../rooms/stream-reader.ts'
import { decoded, type Holder, holder, may, PLAIN_HOLDERS, segment } from './awkward-claims.ts'
import { JWT_SECRET } from './tokens.ts'

const access = {
  ...jwtAccess({ issuers: [{ secret: JWT_SECRET }] }),
  tickets: ticketsFrom('a secret of tickets, of more than thirty-two characters'),
}
/** What stands in a room: no other one's answer holds it. */
const markOf = (room: string): string => `<<what was said in ${room}>>`

interface World {
  context: AppContext
  lines: string[]
  /** Everything that can be known of these rooms. */
  look(): Promise<unknown>
}

/** The app, with an event in each of these rooms. */
async function worldWith(names: readonly string[], all: readonly string[]): Promise<World> {
  const rooms = memoryRooms()
  for (const name of names) await rooms.get(name).publish({ data: markOf(name) })
  const lines: string[] = []
  const context: AppContext = {
    rooms,
    access,
    files: folderFiles('demo/files'),
    pages: () => new Response(),
    log: (line) => lines.push(line),
  }
  const look = (): Promise<unknown> =>
    Promise.all(
      all.map(async (name) => {
        const room = rooms.get(name)
        return [name, await room.info(), await Array.fromAsync(room.read({ live: false }))]
      }),
    )
  return { context, lines, look }
}

interface Ask {
  /** The route of the app's table. */
  route: string
  method: 'GET' | 'POST'
  right: 'subscribe' | 'publish'
  accept?: string
  type?: string
  body?: string
  query?: string
}
const chat = '{"from":"Ada","text":"hello"}'
const ASKS: Record<string, Ask> = {
  subscribe: { route: '/rooms/:room/events', method: 'GET', right: 'subscribe', query: '?from=start' },
  native: { route: '/rooms/:room/events', method: 'GET', right: 'subscribe', accept: 'text/event-stream' },
  history: { route: '/rooms/:room/events', method: 'GET', right: 'subscribe', accept: 'application/x-ndjson' },
  info: { route: '/rooms/:room', method: 'GET', right: 'subscribe' },
  publish: {
    route: '/rooms/:room/events',
    method: 'POST',
    right: 'publish',
    type: 'application/json',
    body: '{"data":1}',
  },
  batch: {
    route: '/rooms/:room/events',
    method: 'POST',
    right: 'publish',
    type: 'application/x-ndjson',
    body: '{"data":1}\n{"data":2}',
  },
  join: { route: '/chat-room/:room/events', method: 'GET', right: 'subscribe' },
  speak: { route: '/chat-room/:room/events', method: 'POST', right: 'publish', type: 'application/json', body: chat },
  ticket: { route: '/tickets', method: 'POST', right: 'subscribe', type: 'application/json' },
}

const isName = (room: string): boolean => /^[A-Za-z0-9._~-]{1,64}$/.test(room) && room !== '.' && room !== '..'

/** What has to be answered: a problem, or `yes`. */
function verdict(who: Holder, room: string | undefined, { route, right }: Ask): string {
  const [undecoded, ours, bad] = [
    room === undefined,
    room?.startsWith('~') ?? false,
    room === undefined || !isName(room),
  ]
  if (route === '/tickets') {
    // The room is in the body: nothing of it is said before it is known who asks.
    if (!who.valid) return '401 unauthorized'
    if (ours) return '404 room-not-found'
    if (bad) return '400 invalid-room'
  }
  if (undecoded) return '400 invalid-room'
  if (ours) return '404 room-not-found'
  if (!who.valid) return '401 unauthorized'
  if (!may(who, room ?? '', right)) return '403 forbidden'
  return bad ? '400 invalid-room' : 'yes'
}

function requestFor(ask: Ask, text: string, { token }: Holder, ticket?: string): Request {
  const { route, method, accept = '*/*', type, query = '' } = ask
  const body = route === '/tickets' ? JSON.stringify({ room: text }) : ask.body
  const path = route.replace(':room', () => text)
  const headers = { accept, ...(type && { 'content-type': type }), ...(token && { authorization: `Bearer ${token}` }) }
  const asked = ticket === undefined ? query : `?ticket=${ticket}&from=start`
  return new Request(`http://localhost${path}${asked}`, { method, headers, ...(body === undefined ? {} : { body }) })
}

/** What an answer says, of a stream up to where it is live. */
async function said(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text()
  const reader = new StreamReader(response)
  await reader.untilLive()
  await reader.leave()
  return reader.text
}

const problemIn = (status: number, text: string): string =>
  text.startsWith('{"type":"/problems/') ? `${status} ${JSON.parse(text).type.replace('/problems/', '')}` : `${status}`

describe('rights', () => {
  it('cover every route of a room here', () => {
    const asked = new Set(Object.values(ASKS).map(({ route, method }) => `${method} ${route}`))
    const there = Object.entries(routes).flatMap(([route, endpoints]) =>
      route.includes(':room') || route === '/tickets'
        ? Object.keys(endpoints).map((method) => `${method} ${route}`)
        : [],
    )
    expect(asked).toEqual(new Set(there))
  })

  it('are what lets in, to what they name and nothing else, and a refusal tells and changes nothing', {
    timeout: 120_000,
  }, async () => {
    const reached = new Set<string>()
    const asks = fc.array(fc.tuple(segment, fc.constantFrom(...Object.keys(ASKS))), { minLength: 1, maxLength: 12 })
    const property = fc.asyncProperty(holder, asks, async (who, drawn) => {
      const named = drawn.map(([text]) => decoded(text) ?? '').filter((room) => isName(room) && room[0] !== '~')
      const all = [...new Set([...named, ...named.map((room) => room.toUpperCase()), ...NAMES.slice(0, 12)])]
      const full = await worldWith(all, all)
      const empty = await worldWith([], all)
      for (const [text, what] of drawn) {
        const ask = ASKS[what] as Ask
        // In a body nothing is decoded.
        const room = ask.route === '/tickets' ? text : decoded(text)
        const due = verdict(who, room, ask)
        reached.add(`${what} ${due}`)
        const texts: string[] = []
        for (const world of [full, empty]) {
          const before = await world.look()
          const response = await app.fetch(requestFor(ask, text, who), world.context)
          const answer = await said(response)
          texts.push(`${response.status} ${JSON.stringify([...response.headers])} ${answer}`)
          const marks = all.filter((other) => answer.includes(markOf(other)))
          if (due === 'yes') {
            const absent = what === 'info' && world === empty && response.status === 404
            if (absent) expect(problemIn(404, answer)).toBe('404 room-not-found')
            else expect([what, response.status]).toEqual([what, ask.method === 'POST' ? 201 : 200])
            expect(marks).toEqual(marks.length > 0 ? [room] : [])
          } else {
            expect([text, what, problemIn(response.status, answer)]).toEqual([text, what, due])
            expect(marks).toEqual([])
            // Only what the stranger sent may tell one refusal from another, and that is in none.
            expect(answer).not.toContain(markOf('').slice(0, 12))
          }
          const after = (await world.look()) as [string][]
          const others = (list: unknown): [string][] =>
            (list as [string][]).filter(([other]) => due !== 'yes' || ask.right !== 'publish' || other !== room)
          expect(others(after)).toEqual(others(before))
          if (due === 'yes' && ask.right === 'publish') expect(after).not.toEqual(before)
          if (due === 'yes' && what === 'ticket') await expectTicket(JSON.parse(answer).ticket, text, all, world)
        }
        if (due !== 'yes') expect(texts[0]).toBe(texts[1])
      }
      expect(full.lines.filter((line) => line.includes('<<'))).toEqual([])
    })
    const plain = Object.keys(ASKS).map((what): [string, string] => ['lobby', what])
    await fc.assert(property, {
      // Each asks for everything, whatever is drawn after that.
      examples: PLAIN_HOLDERS.map((who) => [who, plain]),
      numRuns: 300,
      interruptAfterTimeLimit: 90_000,
      markInterruptAsFailure: true,
    })
    // Or it has shown nothing.
    for (const what of Object.keys(ASKS))
      for (const due of ['yes', '401 unauthorized', '403 forbidden']) expect(reached).toContain(`${what} ${due}`)
  })
})

/** It opens a stream of its room and of no other, and none twice. */
async function expectTicket(ticket: string, room: string, all: string[], { context }: World): Promise<void> {
  const nobody: Holder = { token: undefined, valid: false, rights: [] }
  const use = (name: string): Promise<Response> =>
    app.fetch(requestFor(ASKS.subscribe as Ask, name, nobody, ticket), context)
  const alike = [`${room}0`, room.slice(0, -1), room.toUpperCase(), room.toLowerCase(), ...all.slice(-2)]
  for (const other of alike.filter((name) => isName(name) && name !== room)) {
    await expectInvalid(await use(other))
  }
  const marks = await said(await use(room))
  expect(all.filter((name) => name !== room && marks.includes(markOf(name)))).toEqual([])
  await expectInvalid(await use(room))
}

async function expectInvalid(response: Response): Promise<void> {
  expect(problemIn(response.status, await said(response))).toBe('401 invalid-ticket')
}
