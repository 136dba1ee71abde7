/** Who brings which token, cookie or origin, and what that gets: rows of the corpus of bad input, over bare sockets. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forged, inSeconds, JWT_SECRET, type Signing, tokenOf } from '../access/tokens.ts'
import { EventReader } from './event-reader.ts'
import { exchange, type HeaderLines, type RawResponse, request } from './raw-socket.ts'
import { as, CANARY, expectRefusal, type Refusal } from './refusal.ts'
import { eventsOf, RefusingServer } from './refusing-server.ts'
import { history } from './room-client.ts'

const APP = 'https://app.example'
const EVIL = 'https://evil.example'
const VARS = {
  EDGE_SSE_MAX_STREAMS_PER_SUBJECT: '1000',
  EDGE_SSE_JWT_SECRET: JWT_SECRET,
  EDGE_SSE_COOKIE: 'session',
  EDGE_SSE_ORIGINS: `${APP}, https://two.example`,
}
const json: [string, string] = ['Content-Type', 'application/json']
const EVERYTHING = { rooms: { '*': ['subscribe', 'publish'] }, can: ['publish', 'subscribe', 'admin'] }

const bearer = async (signing: Signing = {}): Promise<[string, string]> => [
  'Authorization',
  `Bearer ${await tokenOf({ ...signing, claims: { ...EVERYTHING, ...signing.claims } })}`,
]

let server: RefusingServer
let everything: Record<string, string>
beforeAll(async () => {
  everything = Object.fromEntries([await bearer()])
  server = await RefusingServer.launch(VARS, everything)
})
afterAll(() => server.close())

/** The requests that a token for a room is asked for. */
const asks = (room: string, lines: [string, string][], query = ''): [what: string, Uint8Array, path: string][] => [
  ['subscribe', request('GET', `${eventsOf(room)}${query}`, lines), eventsOf(room)],
  [
    'history',
    request('GET', `${eventsOf(room)}${query}`, [...lines, ['Accept', 'application/x-ndjson']]),
    eventsOf(room),
  ],
  ['info', request('GET', `/rooms/${room}${query}`, lines), `/rooms/${room}`],
  ['publish', request('POST', `${eventsOf(room)}${query}`, [...lines, json], `{"data":"${CANARY}"}`), eventsOf(room)],
]

async function refuseAll(lines: [string, string][], refusal: Refusal, query = ''): Promise<RawResponse[]> {
  await server.makeRoom('kept')
  const answers: RawResponse[] = []
  for (const [, bytes, path] of asks('kept', lines, query)) answers.push(await server.refuse(bytes, refusal, path))
  await server.expectUnchanged('kept')
  return answers
}

describe('a token', () => {
  it.each<[row: string, what: string, token: () => Promise<string> | string]>([
    ['31', 'alg none', () => forged({ alg: 'none' })],
    ['31', 'alg nOnE', () => forged({ alg: 'nOnE' }, EVERYTHING)],
    ['32', 'a key of its own', () => forged({ alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } }, EVERYTHING, 'AAAA')],
    ['32', 'a path as kid', () => tokenOf({ claims: EVERYTHING, header: { kid: '../../dev/null' } })],
    ['33', 'expired', () => tokenOf({ claims: { ...EVERYTHING, exp: inSeconds(-1) } })],
    ['33', 'not yet valid', () => tokenOf({ claims: { ...EVERYTHING, nbf: inSeconds(600) } })],
    ['33', 'no exp', () => tokenOf({ claims: { ...EVERYTHING, exp: undefined } })],
    ['34', 'another aud', () => tokenOf({ claims: { ...EVERYTHING, aud: 'other' } })],
    ['34', 'no aud', () => tokenOf({ claims: { ...EVERYTHING, aud: undefined } })],
    ['--', 'another secret', () => tokenOf({ claims: EVERYTHING, key: `${JWT_SECRET}!` })],
    ['--', 'no token', () => CANARY],
  ])('%s: with %s is a 401 that says no more', async (_, __, token) => {
    const answers = await refuseAll([['Authorization', `Bearer ${await token()}`]], as(401, 'unauthorized'))
    const without = await server.refuse(request('GET', eventsOf('kept')), as(401, 'unauthorized'), eventsOf('kept'))
    for (const { body, headers } of answers) {
      expect(String(body)).toBe(String(without.body))
      expect(headers.get('www-authenticate')).toBe('Bearer')
    }
  })

  it('32: that names where its key is, makes no request', async () => {
    const asked: string[] = []
    const trap = createServer(({ url = '' }, response) => {
      asked.push(url)
      response.end('{}')
    }).listen(0, '127.0.0.1')
    await once(trap, 'listening')
    const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/`
    for (const header of [{ jku: url }, { x5u: url }, { kid: url }, { kid: `${url}../x` }]) {
      const token = await tokenOf({ claims: EVERYTHING, header })
      await refuseAll([['Authorization', `Bearer ${token}`]], as(401, 'unauthorized'))
    }
    trap.close()
    expect(asked).toEqual([])
  })

  it('35: comes as Bearer, in whatever case, once', async () => {
    const [name, value] = await bearer()
    await refuseAll([[name, value.replace('Bearer', 'Basic')]], as(401, 'unauthorized'))
    await refuseAll([[name, 'Basic YWRhOmFkYQ==']], as(401, 'unauthorized'))
    await refuseAll(
      [
        [name, value],
        [name, value],
      ],
      as(400, 'malformed-request'),
    )
    for (const scheme of ['bearer', 'BEARER']) {
      const answer = await server.send(request('GET', '/rooms/kept', [[name, value.replace('Bearer', scheme)]]))
      expect(answer.status).toBe(200)
    }
  })

  it('36: without the right is 403, whether there is such a room or not', async () => {
    const lines = [await bearer({ claims: { rooms: { 'kep*': [], 'kept-1': ['subscribe', 'publish'] } } })]
    const answers = await refuseAll(lines, as(403, 'forbidden'))
    for (const [index, [, bytes, path]] of asks('absent', lines).entries()) {
      const answer = await server.refuse(bytes, as(403, 'forbidden'), path)
      expect(String(answer.body)).toBe(String(answers[index]?.body))
    }
  })

  it('for one room reads no byte, no count and no existence of another', async () => {
    await server.makeRoom('team-1')
    await server.makeRoom('team-10')
    const lines = [await bearer({ claims: { rooms: { 'team-1': ['subscribe', 'publish'] }, can: undefined } })]
    for (const room of ['team-10', 'team-', 'team', 'Team-1', 'team-2', 'team-1.'])
      for (const [, bytes, path] of asks(room, lines)) await server.refuse(bytes, as(403, 'forbidden'), path)
    for (const room of ['team%2D1', 'team-1'])
      expect((await server.send(request('GET', `/rooms/${room}`, lines))).status).toBe(200)
    const ticket = request('POST', '/tickets', [...lines, json], '{"room":"team-10"}')
    await server.refuse(ticket, as(403, 'forbidden'), '/tickets')
    const reader = await EventReader.open(server.port, `${eventsOf('team-1')}?from=start`, lines)
    await reader.untilLive()
    expect(reader.named('stream.presence').map(({ data }) => data)).toEqual(['{"subscribers":1}'])
    reader.cut('fin')
    // What is about no room is not in the rights of rooms, whatever their names are.
    for (const rooms of [{ '*': ['publish', 'subscribe', 'admin'] }, { '': ['publish'], progress: ['publish'] }]) {
      const token = await bearer({ claims: { rooms, can: undefined } })
      await server.refuse(request('POST', '/progress', [token, json], '{}'), as(403, 'forbidden'), '/progress')
    }
  })

  it('that may only read, does not publish; one that may only publish, does not read', async () => {
    const [subscribe, publish] = [['subscribe'], ['publish']].map((actions) =>
      bearer({ claims: { rooms: { kept: actions } } }),
    )
    for (const [what, bytes, path] of asks('kept', [(await subscribe) as [string, string]]))
      if (what === 'publish') await server.refuse(bytes, as(403, 'forbidden'), path)
      else if (what !== 'subscribe') expect((await server.send(bytes)).status).toBe(200)
    for (const [what, bytes, path] of asks('kept', [(await publish) as [string, string]]))
      if (what !== 'publish') await server.refuse(bytes, as(403, 'forbidden'), path)
    await server.expectUnchanged('kept')
  })
})

describe('29: a token in the URL', () => {
  it.each(['access_token', 'token', 'jwt', 'authorization', 'x'])('as %s is refused, and not logged', async (name) => {
    const [, value] = await bearer()
    const token = value.replace('Bearer ', '')
    await refuseAll([], as(400, 'token-in-url'), `?${name}=${token}`)
    await refuseAll([await bearer()], as(400, 'token-in-url'), `?from=start&${name}=${token}`)
  })

  it('is not logged either where it stands for a room', async () => {
    const [, value] = await bearer()
    const path = `/rooms/${value.replace('Bearer ', '')}`
    expectRefusal(await server.send(request('GET', path, [await bearer()])), as(400, 'invalid-room'))
    await server.logs(as(400, 'invalid-room'), '/rooms/[redacted]')
  })
})

describe('a cookie', () => {
  const session = async (): Promise<[string, string]> => [
    'Cookie',
    `a=b; session=${await tokenOf({ claims: EVERYTHING })}`,
  ]

  it.each<[row: string, what: string, lines: [string, string][]]>([
    ['37', 'from another origin', [['Origin', EVIL]]],
    [
      '37',
      'from another origin, as the browser says',
      [
        ['Origin', EVIL],
        ['Sec-Fetch-Site', 'cross-site'],
      ],
    ],
    ['37', 'from another page', [['Referer', `${EVIL}/?${APP}`]]],
    ['37', 'from an origin that hides', [['Origin', 'null']]],
    ['38', 'from nowhere', []],
    ['38', 'from what somebody typed', [['Sec-Fetch-Site', 'none']]],
    [
      '--',
      'from another site, as the browser says',
      [
        ['Origin', 'http://localhost'],
        ['Sec-Fetch-Site', 'cross-site'],
      ],
    ],
  ])('%s: %s opens nothing', async (_, __, lines) => {
    await refuseAll([await session(), ...lines], as(403, 'origin-not-allowed'))
  })

  it.each<[what: string, lines: [string, string][]]>([
    [
      'of a listed origin',
      [
        ['Origin', APP],
        ['Sec-Fetch-Site', 'cross-site'],
      ],
    ],
    ['of a listed page', [['Referer', `${APP}/chat`]]],
    ['of this server', [['Sec-Fetch-Site', 'same-origin']]],
    ['of this server, as it says', [['Origin', 'http://localhost']]],
  ])('%s counts', async (_, lines) => {
    const all = [await session(), ...lines]
    const reader = await EventReader.open(server.port, eventsOf('cookies'), [...all, ['Accept', 'text/event-stream']])
    await reader.untilLive()
    const answer = await server.send(request('POST', eventsOf('cookies'), [...all, json], '{"data":1}'))
    expect(answer.status).toBe(201)
    await reader.untilId(JSON.parse(String(answer.body)).id)
    reader.cut('fin')
  })

  it('makes no form publish', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const lines: HeaderLines = [await session(), ['Origin', APP], ['Content-Type', type]]
      await server.refuse(
        request('POST', eventsOf('kept'), lines, '{"data":1}'),
        as(415, 'unsupported-media-type'),
        eventsOf('kept'),
      )
    }
  })
})

describe('a page of another origin', () => {
  const preflight = (origin: string): Uint8Array =>
    request('OPTIONS', eventsOf('kept'), [
      ['Origin', origin],
      ['Access-Control-Request-Method', 'POST'],
      ['Access-Control-Request-Headers', 'last-event-id, authorization'],
    ])

  it('39: that is not listed gets no leave', async () => {
    for (const origin of [EVIL, 'null', `${APP}.evil.example`, 'http://app.example']) {
      const { status, headers, body } = await server.send(preflight(origin))
      expect([status, headers.get('vary'), String(body)]).toEqual([204, 'Origin', ''])
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  it('40: that is listed may send what it needs', async () => {
    const { status, headers } = await server.send(preflight(APP))
    expect([status, headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([204, APP, 'Origin'])
    expect(headers.get('access-control-allow-headers')?.split(', ')).toEqual(
      expect.arrayContaining(['last-event-id', 'authorization']),
    )
    expect(headers.get('access-control-allow-methods')).toContain('POST')
  })

  it('41: that is listed can read errors too', async () => {
    const origin: [string, string] = ['Origin', APP]
    const answers: [Uint8Array, Refusal, string][] = [
      [request('GET', eventsOf('kept'), [origin]), as(401, 'unauthorized'), eventsOf('kept')],
      [request('GET', '/nothing', [origin]), as(404, 'not-found'), '/nothing'],
      [request('PUT', eventsOf('kept'), [origin]), as(405, 'method-not-allowed'), eventsOf('kept')],
    ]
    for (const [bytes, refusal, path] of answers) {
      const { headers } = await server.refuse(bytes, refusal, path)
      expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([APP, 'Origin'])
      expect(headers.get('access-control-expose-headers')).toContain('retry-after')
    }
    const stream = await EventReader.open(server.port, eventsOf('kept'), [origin, await bearer()])
    expect(stream.head.headers.get('access-control-allow-origin')).toBe(APP)
    stream.cut('fin')
    const { headers } = await exchange(server.port, request('GET', '/rooms/kept', [['Origin', EVIL], await bearer()]))
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('30: a ticket', () => {
  const ticketFor = async (room: string): Promise<string> => {
    const { status, body } = await server.send(
      request('POST', '/tickets', [await bearer(), json], JSON.stringify({ room })),
    )
    expect(status).toBe(201)
    const { ticket, expires, ...rest } = JSON.parse(String(body))
    expect([expires - Date.now() > 25_000, expires - Date.now() < 32_000, rest]).toEqual([true, true, { room }])
    return ticket
  }
  const invalid = as(401, 'invalid-ticket')

  it('opens one stream of its room, for a browser that can send nothing else', async () => {
    await server.makeRoom('kept')
    const ticket = await ticketFor('kept')
    const target = `${eventsOf('kept')}?from=start&ticket=${ticket}`
    const reader = await EventReader.open(server.port, target, { Accept: 'text/event-stream' })
    await reader.untilLive()
    expect(reader.published).toHaveLength(1)
    for (const accept of ['text/event-stream', '*/*'])
      await server.refuse(
        request('GET', target, [
          ['Accept', accept],
          ['Last-Event-ID', reader.ids[0] ?? ''],
        ]),
        invalid,
        eventsOf('kept'),
      )
    reader.cut('fin')
  })

  it('is spent once by 100 that come at once', async () => {
    await server.makeRoom('raced')
    const ticket = await ticketFor('raced')
    const readers = await Promise.all(
      Array.from({ length: 100 }, () => EventReader.open(server.port, `${eventsOf('raced')}?ticket=${ticket}`)),
    )
    const statuses = readers.map(({ head }) => head.status)
    expect(statuses.toSorted()).toEqual([200, ...Array(99).fill(401)])
    await server.logs(invalid, eventsOf('raced'), 99)
    for (const reader of readers) reader.cut('fin')
  })

  it('is for no other room, for nothing but a stream, and never published with', async () => {
    await server.makeRoom('kept')
    const ticket = await ticketFor('kept')
    await server.refuse(request('GET', `${eventsOf('kept2')}?ticket=${ticket}`), invalid, eventsOf('kept2'))
    for (const [what, bytes, path] of asks('kept', [], `?ticket=${ticket}`))
      if (what !== 'subscribe') await server.refuse(bytes, invalid, path)
    for (const bad of [
      '',
      'x',
      `${ticket}x`,
      forged({ alg: 'none', typ: 'edge-sse-ticket' }, { room: 'kept', jti: 'x' }),
    ])
      await server.refuse(request('GET', `${eventsOf('kept')}?ticket=${bad}`), invalid, eventsOf('kept'))
    const token = await tokenOf({
      claims: { ...EVERYTHING, room: 'kept', jti: 'x' },
      header: { typ: 'edge-sse-ticket' },
    })
    await server.refuse(request('GET', `${eventsOf('kept')}?ticket=${token}`), invalid, eventsOf('kept'))
    await server.refuse(
      request('GET', '/rooms/kept', [['Authorization', `Bearer ${ticket}`]]),
      as(401, 'unauthorized'),
      '/rooms/kept',
    )
    const reader = await EventReader.open(server.port, `${eventsOf('kept')}?ticket=${ticket}`)
    expect(reader.head.status).toBe(200)
    reader.cut('fin')
  })

  it('brings no room to life', async () => {
    const reader = await EventReader.open(server.port, `${eventsOf('unborn')}?ticket=${await ticketFor('unborn')}`)
    await reader.untilLive()
    expect(await history(server.url, 'unborn', '', everything)).toEqual([])
    await server.refuse(request('GET', '/rooms/unborn', [await bearer()]), as(404, 'room-not-found'), '/rooms/unborn')
    reader.cut('fin')
  })

  it('is given to who may read the room, and says what is wrong to nobody else', async () => {
    const ask = (body: string, lines: [string, string][]): Uint8Array =>
      request('POST', '/tickets', [...lines, json], body)
    const wrong: [string, string] = ['Authorization', `Bearer ${CANARY}`]
    for (const body of ['{"room":"kept"}', '{', '{"room":7}', `{"room":"${'x'.repeat(2_000)}"}`])
      await server.refuse(ask(body, [wrong]), as(401, 'unauthorized'), '/tickets')
    for (const [body, refusal] of [
      ['{', as(400, 'invalid-json')],
      ['{"room":7}', as(400, 'invalid-parameter')],
      ['{}', as(400, 'invalid-parameter')],
      ['{"room":"a b"}', as(400, 'invalid-room')],
      ['{"room":"~job-1"}', as(404, 'room-not-found')],
      [`{"room":"${'x'.repeat(2_000)}"}`, as(413, 'payload-too-large')],
    ] as const)
      await server.refuse(ask(body, [await bearer()]), refusal, '/tickets')
  })
})

describe('all the while', () => {
  it('nothing of what was refused has come after all', () => server.expectAllUnchanged())
  it('nobody else has noticed anything', () => server.expectNobodyNoticed())
  it('the log has one line of JSON for each refusal', () => server.expectOneLineEach())
})
