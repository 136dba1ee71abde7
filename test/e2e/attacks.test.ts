/** Attempts of somebody who may read one room, and of nobody, at all the rest: nothing comes of any of them. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forged, JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { EventReader } from './event-reader.ts'
import { flags, launch, type Server } from './launch.ts'
import { exchange, RawSocket, request } from './raw-socket.ts'
import { history, inParallel, publish, range } from './room-client.ts'

type Lines = [name: string, value: string][]
type Attempt = [what: string, bytes: (room: string) => Uint8Array]

const APP = 'https://app.example'
const EVIL = 'https://evil.example'
const VARS = { EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_COOKIE: 'session', EDGE_SSE_ORIGINS: APP }
/** Stands in rooms that are not Mallory's: no answer may hold it. */
const HIDDEN = 'hidden-5e1'
/** Stands in everything that Mallory would publish. */
const FORGED = 'forged-9c4'
const EVENTS = '/rooms/ROOM/events?from=start'
const BODY = `{"data":"${FORGED}"}`
const json: Lines = [['Content-Type', 'application/json']]
const lines: Lines = [['Accept', 'application/x-ndjson']]

const [everything, mallory] = await Promise.all([
  tokenOf({
    claims: { sub: 'root', rooms: { '*': ['subscribe', 'publish'] }, can: ['publish', 'subscribe', 'admin'] },
  }),
  tokenOf({ claims: { sub: 'mallory', rooms: { 'team-1': ['subscribe'] } } }),
])
const [HEAD = '', CLAIMS = '', SIGNATURE = ''] = mallory.split('.')
const bearer = (token: string): Lines => [['Authorization', `Bearer ${token}`]]
const root = Object.fromEntries(bearer(everything))
const me = bearer(mallory)

let server: Server
beforeAll(async () => {
  server = await launch(VARS)
  for (const room of ['team-1', 'team-10'])
    await publish(server.url, room, HIDDEN.repeat(Number(room === 'team-10')), { headers: root })
})
afterAll(() => server.close())

/** All that comes until the server closes the connection: one answer, several, or none. */
async function all(bytes: Uint8Array, port = server.port): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let text = ''
  socket.on('error', () => {}) // A reset is one way to refuse.
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    if (text.includes('stream.live')) socket.destroy() // It is a stream, which does not end.
  })
  socket.write(bytes)
  await once(socket, 'close')
  return text
}

const statusesOf = (text: string): number[] =>
  [...text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status)).filter((status) => status !== 100)

/** What may differ between two refusals: when, and what was named. */
const withoutNames = (text: string, room: string): string =>
  text.replace(/^(date|content-length): .*\r\n/gim, '').replaceAll(room, 'ROOM')

const fill = (text: string, room: string): string => text.replaceAll('ROOM', room)

/** Each attempt closes the connection, so that its answer has an end. */
const ask =
  (method: string, target: string, headers: Lines = me, body?: string) =>
  (room: string): Uint8Array =>
    request(
      method,
      fill(target, room),
      [...headers, ['Connection', 'close']].map(([name = '', value = '']) => [name, fill(value, room)]),
      body && fill(body, room),
    )

/** The statuses of the answers; none of them says anything, nor anything else for a room that there is. */
async function nothingComesOf(bytes: (room: string) => Uint8Array): Promise<number[]> {
  const [there, absent] = await Promise.all(['team-10', 'team-20'].map((room) => all(bytes(room))))
  expect(withoutNames(there as string, 'team-10')).toBe(withoutNames(absent as string, 'team-20'))
  expect(there).not.toMatch(new RegExp(`${HIDDEN}|${FORGED}|"subscribers"|"newest"|"ticket":|edge_sse_`))
  return statusesOf(there as string)
}

async function isRefused(bytes: (room: string) => Uint8Array): Promise<void> {
  for (const status of await nothingComesOf(bytes)) expect(status).toBeGreaterThanOrEqual(400)
}

describe('Mallory', () => {
  it('reads the room that is hers, and only reads it', async () => {
    for (const [path, headers] of [
      ['/rooms/team-1', []],
      ['/rooms/team-1/events', []],
      ['/rooms/team-1/events', lines],
      ['/chat-room/team-1/events', []],
    ] as [string, Lines][])
      expect(statusesOf(await all(ask('GET', path, [...me, ...headers])('')))).toEqual([200])
    for (const room of ['team-10', 'team-20']) expect(statusesOf(await all(ask('GET', EVENTS)(room)))).toEqual([403])
    for (const path of ['/metrics', '/progress/x/events'])
      expect(statusesOf(await all(ask('GET', path)('')))).toEqual([403])
  })
})

describe('a path', () => {
  it.each([
    '/rooms/ROOM/events/',
    '/rooms//ROOM/events',
    '//rooms/ROOM/events',
    '/rooms/team-1/../ROOM/events',
    '/rooms/team-1/%2e%2e/ROOM/events',
    '/rooms/team-1/..%2fROOM/events',
    '/rooms/team-1%2f..%2fROOM/events',
    '/rooms/team-1\\..\\ROOM\\events',
    '\\rooms\\ROOM\\events',
    '/rooms/team-1/..;/ROOM/events',
    '/rooms/ROOM;a=b/events',
    '/rooms/team-1;ROOM/events',
    '/rooms/team-1,ROOM/events',
    '/rooms/team-1%00ROOM/events',
    '/rooms/team-1%0d%0aROOM/events',
    '/rooms/ROOM%00/events',
    '/rooms/ROOM./events',
    '/rooms/ROOM%20/events',
    '/rooms/%74eam-1%30/events',
    '/rooms/%2574eam-10/events',
    '/rooms/%c1%b4eam-10/events',
    '/rooms/%ef%bd%94eam-10/events',
    '/rooms/te%e2%80%8dam-10/events',
    '/rooms/t%u0065am-10/events',
    '/rooms/team-*/events',
    '/rooms/*/events',
    '/rooms/__proto__/events',
    '/rooms/constructor/events',
    '/ROOMS/ROOM/events',
    '/rooms/ROOM/EVENTS',
    '/rooms/ROOM%2fevents',
    '/rooms/ROOM/events%3ffrom=start',
    '/rooms/ROOM/events#/rooms/team-1/events',
    '/rooms/~ROOM/events',
    '/rooms/%7eROOM/events',
    '/chat-room/team-1/../ROOM/events',
    '/chat-room/team-1%2f..%2fROOM/events',
    '/sse/../rooms/ROOM/events',
    '/demo/%2e%2e/rooms/ROOM/events',
    '/healthz/../rooms/ROOM',
    '/progress/..%2frooms%2fROOM/events',
    '/progress/~ROOM/events',
    'http://localhost/rooms/ROOM/events',
    'http://evil.example/rooms/ROOM/events',
    'http://team-1:x@localhost/rooms/ROOM/events',
    'file:///rooms/ROOM/events',
    'rooms/ROOM/events',
    '?/rooms/ROOM/events',
    '/./metrics',
    '/metrics/',
    '//metrics',
    '/metrics%2f',
    '/healthz/../metrics',
  ])('%s leads nowhere else', async (path) => {
    for (const headers of [me, []])
      for (const query of ['', '?from=start&lastEventId=0']) await isRefused(ask('GET', `${path}${query}`, headers))
  })

  it.each([
    ...['..%2f..%2fpackage.json', '%2e%2e/%2e%2e/package.json', '..%252f..%252fpackage.json', '..%5c..%5cpackage.json'],
    ...['%c0%ae%c0%ae/package.json', '....//....//package.json', '%2fetc%2fpasswd', 'file:%2f%2f%2fetc%2fpasswd'],
    ...['.env', '.git%2fconfig', '%00', 'index.html%00.js', '~root', '%0d%0aX-Evil:1'],
  ])('%s reads no file out of its folder', async (name) => {
    for (const folder of ['/demo/', '/demo/files/', '/download/', '/problems/', '/'])
      await isRefused(ask('GET', `${folder}${name}`, []))
  })
})

const upgrade = (protocol: string): Lines => [
  ...me,
  ['Upgrade', protocol],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
]

describe('a method or a header', () => {
  it.each<Attempt>([
    ['HEAD', ask('HEAD', EVENTS)],
    ...[
      'PUT',
      'PATCH',
      'DELETE',
      'TRACE',
      'PROPFIND',
      'MOVE',
      'PURGE',
      'SUBSCRIBE',
      'get',
      'post',
      'Get',
      'FOO',
      '',
    ].map((method): Attempt => [`the method ${method}`, ask(method, EVENTS, [...me, ...json], BODY)]),
    ['another method in a header', ask('GET', EVENTS, [...me, ...json, ['X-HTTP-Method-Override', 'POST']], BODY)],
    ['another method in the query', ask('POST', `${EVENTS}&_method=GET`, [...me, ...json], BODY)],
    [
      'another path in a header',
      ask('GET', EVENTS, [...me, ['X-Original-URL', '/rooms/team-1'], ['X-Rewrite-URL', '/healthz']]),
    ],
    [
      'an address that is trusted',
      ask('GET', EVENTS, [
        ...['X-Forwarded-For', 'X-Real-IP', 'Forwarded', 'CF-Connecting-IP', 'True-Client-IP'].map(
          (name): [string, string] => [name, '127.0.0.1'],
        ),
        ['X-Forwarded-Host', 'localhost'],
        ['X-Forwarded-Uri', '/healthz'],
      ]),
    ],
    [
      'a subject of its own',
      ask('GET', EVENTS, [...me, ['X-Subject', 'root'], ['Edge-SSE-Room', 'team-1'], ['CF-Worker', 'x']]),
    ],
    [
      'an upgrade to the socket of a room',
      ask('GET', '/rooms/ROOM/events?position=0&subject=root', [
        ...upgrade('websocket'),
        ['Sec-WebSocket-Protocol', 'edge-sse.1'],
      ]),
    ],
    ['an upgrade to HTTP/2', ask('GET', EVENTS, [...upgrade('h2c'), ['HTTP2-Settings', 'AAMAAABkAAQAAP__']])],
    ['a range', ask('GET', EVENTS, [...me, ['Range', 'bytes=0-'], ['If-None-Match', '*']])],
    ['what it expects', ask('GET', EVENTS, [...me, ['Expect', '100-continue']])],
    ...[
      'application/x-ndjson',
      'text/event-stream',
      'application/x-ndjson, text/event-stream',
      'image/png',
      '*/*;q=0',
      'APPLICATION/X-NDJSON',
      '',
    ].map((type): Attempt => [`Accept: ${type}`, ask('GET', EVENTS, [...me, ['Accept', type]])]),
    ...['1-aaaaaa', '0', '~end', '1', 'x'.repeat(2_000)].map(
      (id): Attempt => [`Last-Event-ID: ${id.slice(0, 9)}`, ask('GET', EVENTS, [...me, ['Last-Event-ID', id]])],
    ),
    ...['?after=1-aaaaaa', '?limit=x', '?after=-1'].map(
      (query): Attempt => [`history${query}`, ask('GET', `/rooms/ROOM/events${query}`, [...me, ...lines])],
    ),
    ['two tokens, the good one first', ask('GET', EVENTS, [...me, ...bearer('x')])],
    ['two tokens, the good one last', ask('GET', EVENTS, [...bearer('x'), ...me])],
    ['a token on a folded line', ask('GET', EVENTS, [['Authorization', `Bearer\r\n ${mallory}`]])],
    ['a token before a space and a colon', ask('GET', EVENTS, [['Authorization ', `Bearer ${mallory}`]])],
  ])('%s opens nothing', async (_, bytes) => {
    await isRefused(bytes)
  })

  it('OPTIONS says the same of every room, and TRACE gives nothing back', async () => {
    const preflight: Lines = [
      ['Origin', EVIL],
      ['Access-Control-Request-Method', 'POST'],
      ['Access-Control-Request-Private-Network', 'true'],
    ]
    expect(await nothingComesOf(ask('OPTIONS', EVENTS, [...me, ...preflight]))).toEqual([204])
    expect(await all(ask('TRACE', EVENTS)(''))).not.toContain(mallory)
  })

  it('the public streams are for every origin, and without its cookies; nothing else is for one that is not listed', async () => {
    for (const origin of [EVIL, 'null', `${APP}.`, `${APP}:8443`, 'https://APP.example', 'http://app.example', '*']) {
      for (const path of [
        '/rooms/team-1',
        '/rooms/team-1/events',
        '/metrics',
        '/healthz',
        '/problems',
        '/',
        '/nothing',
      ])
        expect(await all(ask('GET', path, [...me, ['Origin', origin]])(''))).not.toMatch(/^access-control-/im)
      expect(await all(ask('HEAD', '/sse', [['Origin', origin]])(''))).not.toMatch(
        /^access-control-allow-credentials/im,
      )
    }
  })
})

describe('what is published without the right', () => {
  const types = [
    'application/json',
    'application/x-ndjson',
    'text/plain',
    'application/x-www-form-urlencoded',
    'text/plain, application/json',
  ]
  it.each<Attempt>([
    ...types.map((type): Attempt => [`as ${type}`, ask('POST', EVENTS, [...me, ['Content-Type', type]], BODY)]),
    ['with no type', ask('POST', EVENTS, me, BODY)],
    ['with two types', ask('POST', EVENTS, [...me, ['Content-Type', 'text/plain'], ...json], BODY)],
    ['under a key', ask('POST', EVENTS, [...me, ...json, ['Idempotency-Key', 'k']], BODY)],
    ['under a key too long', ask('POST', EVENTS, [...me, ...json, ['Idempotency-Key', 'k'.repeat(65)]], BODY)],
    ['under two keys', ask('POST', EVENTS, [...me, ...json, ['Idempotency-Key', 'k'], ['Idempotency-Key', 'l']], BODY)],
    ['under a name of ours', ask('POST', EVENTS, [...me, ...json], `{"event":"stream.end","data":"${FORGED}"}`)],
    ['that is no JSON', ask('POST', EVENTS, [...me, ...json], '{')],
    ['that is nothing', ask('POST', EVENTS, [...me, ...json], '')],
    ['to the chat', ask('POST', '/chat-room/ROOM/events', [...me, ...json], `{"from":"x","text":"${FORGED}"}`)],
    ['to what is reserved', ask('POST', '/rooms/~ROOM/events', [...me, ...json], BODY)],
    ['to a job', ask('POST', '/progress', [...me, ...json, ['Idempotency-Key', 'ROOM']], '{"steps":1}')],
    ['by nobody', ask('POST', EVENTS, json, BODY)],
    [
      'by a form, with a cookie',
      ask(
        'POST',
        EVENTS,
        [
          ['Cookie', `session=${mallory}`],
          ['Origin', EVIL],
          ['Content-Type', 'text/plain'],
        ],
        BODY,
      ),
    ],
    ['by stopping a job', ask('DELETE', '/progress/ROOM')],
    ['by removing the room', ask('DELETE', '/rooms/ROOM')],
    ['as a page', ask('PUT', '/demo/ROOM.html', me, FORGED)],
  ])('%s is refused, in the own room too', async (_, bytes) => {
    await isRefused(bytes)
    for (const status of statusesOf(await all(bytes('team-1')))) expect(status).toBeGreaterThanOrEqual(400)
  })

  it('that is announced as too large is refused as soon as it is', async () => {
    const answers = await Promise.all(
      ['team-10', 'team-20'].map((room) =>
        exchange(server.port, ask('POST', EVENTS, [...me, ...json, ['Content-Length', '99999999']])(room)),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([403, 403])
    expect(String(answers[0]?.body)).toBe(String(answers[1]?.body))
  })

  it.each(['GET', 'HEAD', 'OPTIONS'])('with %s is not read', async (method) => {
    await all(ask(method, '/rooms/team-1/events', [...me, ...json], BODY)(''))
    expect(JSON.stringify(await history(server.url, 'team-1', '', root))).not.toContain(FORGED)
  })
})

describe('a request in a request', () => {
  const inner = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
  const size = inner.length.toString(16)
  const asked: [method: string, target: string][] = [
    ['POST', EVENTS],
    ['GET', EVENTS],
    ['PUT', '/rooms/team-1'],
    ['POST', '/nothing'],
    ['POST', '/tickets'],
    ['POST', '/rooms/~x/events'],
    ['GET', '/rooms/team-1?token=x'],
    ['DELETE', '/progress/x'],
  ]
  const kept =
    (method: string, target: string, headers: Lines, body: string) =>
    (room: string): Uint8Array =>
      Buffer.concat([request(method, fill(target, room), [...me, ...json, ...headers]), Buffer.from(body)])

  it.each(asked)('%s %s: the body of what is refused is no request', async (method, target) => {
    for (const bytes of [
      kept(method, target, [['Content-Length', String(inner.length)]], inner),
      kept(method, target, [['Transfer-Encoding', 'chunked']], `${size}\r\n${inner}\r\n0\r\n\r\n`),
    ]) {
      const socket = await RawSocket.open(server.port)
      socket.write(bytes('team-10'))
      expect((await socket.response()).status).toBeGreaterThanOrEqual(400)
      // What is asked for next, where the connection is kept, gets the very next answer.
      socket.write(request('GET', '/after', [['Connection', 'close']]))
      const next = await socket.response().catch(() => undefined)
      expect([404, undefined]).toContain(next?.status)
      socket.cut('fin')
    }
  })

  it.each<[what: string, headers: Lines]>([
    [
      'two lengths',
      [
        ['Content-Length', '5'],
        ['Content-Length', '0'],
      ],
    ],
    ['a list of lengths', [['Content-Length', '0, 5']]],
    ['a length with a sign', [['Content-Length', '+5']]],
    ['a length below zero', [['Content-Length', '-1']]],
    ['a length in hex', [['Content-Length', '0x5']]],
    ['a length that is too large', [['Content-Length', '99999999999999999999']]],
    ['chunks of another name', [['Transfer-Encoding', 'xchunked']]],
    ['chunks and more', [['Transfer-Encoding', 'chunked, identity']]],
    [
      'chunks twice',
      [
        ['Transfer-Encoding', 'chunked'],
        ['Transfer-Encoding', 'x'],
      ],
    ],
    ['quoted chunks', [['Transfer-Encoding', '"chunked"']]],
    ['chunks after a space', [['Transfer-Encoding ', 'chunked']]],
    ['chunks on a folded line', [['X', 'y\r\n Transfer-Encoding: chunked']]],
    ['chunks with a NUL', [['Transfer-Encoding', 'chunked\0']]],
    [
      'a length and chunks',
      [
        ['Content-Length', '5'],
        ['Transfer-Encoding', 'chunked'],
      ],
    ],
    [
      'chunks and a length',
      [
        ['Transfer-Encoding', 'chunked'],
        ['Content-Length', '5'],
      ],
    ],
  ])('%s: there is no second answer', async (_, headers) => {
    for (const method of ['POST', 'GET']) {
      const text = await all(kept(method, EVENTS, headers, `0\r\n\r\n${inner}`)('team-10'))
      expect(statusesOf(text).filter((status) => status < 400)).toEqual([])
    }
  })

  it.each(['-1', 'fffffffffffffffff', '0x0', '1_0', 'x'])('a chunk of size %s begins no request', async (chunk) => {
    const text = await all(
      kept(
        'POST',
        EVENTS,
        [
          ['Transfer-Encoding', 'chunked'],
          ['Connection', 'close'],
        ],
        `${chunk}\r\n${inner}`,
      )('team-10'),
    )
    expect(statusesOf(text).filter((status) => status < 400)).toEqual([])
  })

  it('a right is that of its own request, not of the one before it on the connection', async () => {
    const pair = [request('GET', '/rooms/team-1', me), ask('GET', '/rooms/team-1', [])('')]
    expect([[], [200], [200, 401]]).toContainEqual(statusesOf(await all(Buffer.concat(pair)))) // Bun answers neither.
    const socket = await RawSocket.open(server.port)
    for (const [headers, status] of [
      [me, 200],
      [[], 401],
      [me, 200],
      [bearer('x'), 401],
    ] as const) {
      socket.write(request('GET', '/rooms/team-1', [...headers]))
      expect((await socket.response()).status).toBe(status)
    }
    socket.cut('fin')
  })
})

const part = (text: string): string => Buffer.from(text).toString('base64url')
const ALL = { rooms: { '*': ['subscribe', 'publish'] }, can: ['admin', 'publish', 'subscribe'] }

describe('a token', () => {
  const claims = forged({}, ALL).split('.')[1] ?? ''
  it.each<[what: string, token: () => string | Promise<string>]>([
    ...['none', 'None', 'NONE', '', 'HS256', 'HS384', 'RS256', 'ES256', 'EdDSA', 'dir'].flatMap(
      (alg): [string, () => string][] => [
        [`alg ${alg}, and no signature`, () => forged({ alg }, ALL)],
        [`alg ${alg}, and the signature of another`, () => forged({ alg }, ALL, SIGNATURE)],
      ],
    ),
    ['no alg', () => forged({}, ALL, SIGNATURE)],
    ['a list of algs', () => forged({ alg: ['HS256', 'none'] }, ALL, SIGNATURE)],
    ['alg twice', () => `${part('{"alg":"HS256","alg":"none"}')}.${claims}.`],
    ['other claims under the same signature', () => `${HEAD}.${claims}.${SIGNATURE}`],
    ['another header over the same claims', () => `${part('{"alg":"HS256","typ":"JWT"}')}.${CLAIMS}.${SIGNATURE}`],
    ['only two parts', () => `${HEAD}.${claims}`],
    ['four parts', () => `${mallory}.`],
    ['the token as claims', () => `${HEAD}.${part(mallory)}.${SIGNATURE}`],
    [
      'the form of JWE',
      () => `${part('{"alg":"dir","enc":"A256GCM"}')}..${part('x'.repeat(12))}.${claims}.${part('x'.repeat(16))}`,
    ],
    ...['secret', 'edge-sse', 'your-256-bit-secret', '0'.repeat(32), '\0'.repeat(32), 'null'].map(
      (key): [string, () => Promise<string>] => [`the key ${JSON.stringify(key)}`, () => tokenOf({ claims: ALL, key })],
    ),
    ...[
      { kid: '/dev/null' },
      { kid: '__proto__' },
      { kid: "' OR 1=1 --" },
      { jwk: { kty: 'oct', k: part('a'.repeat(32)) } },
      { jku: 'http://127.0.0.1:9/' },
      { x5u: 'http://127.0.0.1:9/' },
      { cty: 'JWT' },
    ].map((header): [string, () => Promise<string>] => [
      JSON.stringify(header),
      () => tokenOf({ claims: ALL, header, key: 'a'.repeat(32) }),
    ]),
    ...[{ crit: ['exp'] }, { crit: ['b64'], b64: false }].map((header): [string, () => string] => [
      JSON.stringify(header),
      () => forged({ alg: 'HS256', ...header }, ALL, SIGNATURE),
    ]),
    ['undefined', () => 'undefined'],
    ['an object', () => '[object Object]'],
    ['8,000 dots', () => '.'.repeat(8_000)],
  ])('with %s is one and the same 401', async (_, token) => {
    const text = await token()
    const answers = await Promise.all([
      all(ask('GET', '/rooms/team-10', bearer(text))('')),
      all(ask('GET', '/rooms/team-10', bearer('x'))('')),
      all(
        ask('GET', '/rooms/team-10', [
          ['Cookie', `session=${text}`],
          ['Origin', APP],
        ])(''),
      ),
      all(ask('GET', '/metrics', bearer(text))('')),
    ])
    expect(answers.map(statusesOf)).toEqual([[401], [401], [401], [401]])
    expect(withoutNames(answers[0], '')).toBe(withoutNames(answers[1], ''))
  })
})

describe('a cookie', () => {
  const good: Lines = [['Cookie', `session=${mallory}`]]
  const by = (cookie: string): Lines => [
    ['Cookie', cookie.replaceAll('TOKEN', mallory)],
    ['Origin', APP],
  ]
  it.each<[what: string, headers: Lines]>([
    ...[
      'null',
      '',
      `${APP}/`,
      `${APP}:8443`,
      `${APP}.`,
      `${APP}.evil.example`,
      'https://x.app.example',
      'https://APP.example',
      'http://app.example',
      `${EVIL} ${APP}`,
      'http://localhost:9999',
      'file://',
    ].map((origin): [string, Lines] => [`from the origin ${origin}`, [...good, ['Origin', origin]]]),
    ['from two origins', [...good, ['Origin', EVIL], ['Origin', APP]]],
    ...[
      `${EVIL}/${APP}/`,
      `${APP.replace('app.', 'app.example@')}/`,
      `${APP}.evil.example/`,
      'junk',
      'http://localhost:9999/',
    ].map((referer): [string, Lines] => [`from the page ${referer}`, [...good, ['Referer', referer]]]),
    ['from the same site', [...good, ['Sec-Fetch-Site', 'same-site']]],
    ['from two sites', [...good, ['Sec-Fetch-Site', 'same-origin'], ['Sec-Fetch-Site', 'cross-site']]],
    ['from another origin that says it is the same', [...good, ['Origin', EVIL], ['Sec-Fetch-Site', 'same-origin']]],
    ['from a host that a header names', [...good, ['Origin', EVIL], ['X-Forwarded-Host', 'evil.example']]],
    ['that is there twice', by('session=x; session=TOKEN')],
    ['that is there twice, the good one first', by('session=TOKEN; session=x')],
    ['in two headers', [...by('session=x'), ...good]],
    ['in another case', by('SESSION=TOKEN')],
    ['of a longer name', by('xsession=TOKEN; __Host-session=TOKEN; session.x=TOKEN')],
    ['of an encoded name', by('sess%69on=TOKEN')],
    ['in the quotes of another', by('a="x; session=TOKEN"')],
    ['in quotes', by('session="TOKEN"')],
    ['after a comma', by('a=b,session=TOKEN')],
    ['beside a token that is no good', [...good, ['Origin', APP], ...bearer('x')]],
  ])('%s does not count', async (_, headers) => {
    const statuses = statusesOf(await all(ask('GET', '/rooms/team-1', headers)('')))
    expect(statuses).toHaveLength(1)
    for (const status of statuses) expect([400, 401, 403]).toContain(status)
  })
})

describe('a ticket', () => {
  const STREAM = '/rooms/team-1/events?ticket='
  async function ticket(to = server, token = mallory): Promise<string> {
    const response = await fetch(`${to.url}/tickets`, {
      method: 'POST',
      headers: { ...Object.fromEntries(bearer(token)), 'content-type': 'application/json' },
      body: '{"room":"team-1"}',
    })
    return ((await response.json()) as { ticket: string }).ticket
  }
  const spend = async (ticket: string, to = server): Promise<EventReader> => {
    const reader = await EventReader.open(to.port, `${STREAM}${ticket}`)
    expect(reader.head.status).toBe(200)
    return reader
  }

  it.each([
    '{"room":"ROOM"}',
    '{"room":"team-1","room":"ROOM"}',
    '\ufeff{"room":"ROOM"}',
    '{"room":["team-1","ROOM"]}',
    '{"room":{"toString":"ROOM"}}',
    '{"room":"team-1/../ROOM"}',
    '{"room":"team-1\\u0000ROOM"}',
    '{"room":"team-*"}',
    '{"room":"__proto__"}',
    '{"room":"~ROOM"}',
    '{"room":"ROOM "}',
    '{"__proto__":{"room":"ROOM"}}',
    '["ROOM"]',
  ])('is not given for %s', async (body) => {
    await isRefused(ask('POST', '/tickets?room=ROOM', [...me, ...json], body))
  })

  it.each<[what: string, bytes: (ticket: string) => Uint8Array]>([
    ['for another room', (ticket) => ask('GET', `/rooms/team-10/events?ticket=${ticket}`, [])('')],
    ['for the chat of another', (ticket) => ask('GET', `/chat-room/team-10/events?ticket=${ticket}`, [])('')],
    ['for another by its path', (ticket) => ask('GET', `/rooms/team-1%2f..%2fteam-10/events?ticket=${ticket}`, [])('')],
    ['for history', (ticket) => ask('GET', `${STREAM}${ticket}`, lines)('')],
    ['for info', (ticket) => ask('GET', `/rooms/team-1?ticket=${ticket}`, [])('')],
    ['for another ticket', (ticket) => ask('POST', `/tickets?ticket=${ticket}`, json, '{"room":"team-1"}')('')],
    ['to publish', (ticket) => ask('POST', `${STREAM}${ticket}`, json, BODY)('')],
    ['to publish, beside a token', (ticket) => ask('POST', `${STREAM}${ticket}`, [...me, ...json], BODY)('')],
    ['for metrics', (ticket) => ask('GET', `/metrics?ticket=${ticket}`, [])('')],
    ['for a job', (ticket) => ask('GET', `/progress/x/events?ticket=${ticket}`, [])('')],
    ['as a token', (ticket) => ask('GET', '/rooms/team-1', bearer(ticket))('')],
    [
      'as a token for tickets',
      (ticket) => ask('POST', '/tickets', [...bearer(ticket), ...json], '{"room":"team-1"}')(''),
    ],
    [
      'as a cookie',
      (ticket) =>
        ask('GET', '/rooms/team-1', [
          ['Cookie', `session=${ticket}`],
          ['Origin', APP],
        ])(''),
    ],
    ['after one that is none', (ticket) => ask('GET', `${STREAM}x&ticket=${ticket}`, [])('')],
    ['under another name', (ticket) => ask('GET', `/rooms/team-1/events?TICKET=${ticket}`, [])('')],
    ['that is cut short', (ticket) => ask('GET', `${STREAM}${ticket.slice(0, -4)}`, [])('')],
    ['that is the token', () => ask('GET', `${STREAM}${mallory}`, [])('')],
    ['from nowhere', () => ask('GET', `${STREAM}${range(1, 50).map(() => 'x')}`, [])('')],
  ])('%s is refused, and not spent by it', async (_, bytes) => {
    const mine = await ticket()
    const text = await all(bytes(mine))
    for (const status of statusesOf(text)) expect([400, 401]).toContain(status)
    expect(text).not.toMatch(new RegExp(`${HIDDEN}|stream\\.live|"ticket":`))
    ;(await spend(mine)).cut('fin')
  })

  it('that was used opens nothing more, however it is spelled and wherever it is brought', async () => {
    const mine = await ticket()
    ;(await spend(mine)).cut('fin')
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const first = Math.floor(alphabet.indexOf(mine.at(-1) as string) / 4) * 4 // The last two bits stand for nothing.
    const spellings = [
      ...range(first, first + 3).map((at) => mine.slice(0, -1) + alphabet[at]),
      `${mine}=`,
      `${mine}%3D`,
    ]
    spellings.push(mine, `%65${mine.slice(1)}`, `${mine}&ticket=${mine}`, `${mine}&from=start`)
    for (const spelled of spellings)
      for (const target of [`${STREAM}${spelled}`, `/chat-room/team-1/events?ticket=${spelled}`])
        expect(statusesOf(await all(ask('GET', target, [])('')))).toEqual([401])
    expect(statusesOf(await all(ask('GET', `${STREAM}${mine}`)('')))).toEqual([401])
  })

  it('in several spellings and on two paths at once opens one stream', async () => {
    const mine = await ticket()
    const targets = range(1, 60).map(
      (n) => `/${n % 2 ? 'rooms' : 'chat-room'}/team-1/events?ticket=${mine}${n % 3 ? '' : '='}`,
    )
    const readers = await Promise.all(targets.map((target) => EventReader.open(server.port, target)))
    expect(readers.filter(({ head }) => head.status === 200)).toHaveLength(1)
    for (const reader of readers) reader.cut('fin')
  })

  it('is not spent by HEAD, nor by what is refused or over, and HEAD shows nothing', async () => {
    const mine = await ticket()
    for (const [method, query, headers] of [
      ['HEAD', '', []],
      ['GET', '&from=x', []],
      ['GET', '&lastEventId=%0a', []],
      ['GET', '', [['Accept', 'text/html']]],
      ['GET', '', [['Last-Event-ID', '~end']]],
    ] as [string, string, Lines][])
      expect((await all(ask(method, `${STREAM}${mine}${query}`, headers)(''))).includes('stream.')).toBe(false)
    ;(await spend(mine)).cut('fin')
  })

  it('that was used takes no place of its subject from it', async () => {
    const small = await launch({ ...VARS, EDGE_SSE_MAX_STREAMS_PER_SUBJECT: '20' })
    try {
      const mine = await ticket(small)
      ;(await spend(mine, small)).cut('fin')
      const replays = await inParallel(range(1, 300), 100, () =>
        all(ask('GET', `${STREAM}${mine}`, [])(''), small.port),
      )
      expect([...new Set(replays.flatMap(statusesOf))]).toEqual([401])
    } finally {
      await small.close()
    }
  })
})

describe('a Host', () => {
  const from = (host: string, target: string, headers: Lines = []): Uint8Array =>
    ask('GET', target, [['Host', host], ...headers])('')

  it.each([
    'localhost/healthz?',
    'localhost/healthz#',
    'localhost?',
    'x@localhost/rooms/team-1/events?',
    'localhost/rooms/team-1#',
    '%6cocalhost',
    'localhost\\rooms\\team-1',
  ])('%s gives no right to what it hides', async (host) => {
    for (const target of ['/rooms/team-10/events?from=start', '/rooms/team-10', '/metrics', '/../rooms/team-10'])
      for (const headers of [me, []])
        expect(await all(from(host, target, headers))).not.toMatch(new RegExp(`${HIDDEN}|"room":"team-10"|edge_sse_`))
  })

  // Workers and Deno put it before the path: what is more than a host would be the path.
  it.each(['localhost/healthz?', 'localhost/healthz#', 'x@localhost/healthz?'])(
    '%s is none, and leads to no other path',
    async (host) => {
      const text = await all(from(host, '/nothing-here'))
      expect(statusesOf(text).every((status) => status >= 400)).toBe(true)
    },
  )

  it('with a port that is none is the fault of who sends it, whatever the path', async () => {
    const own = flags.twoHosts === "500, the runtime's own" ? [500] : []
    for (const target of ['/nothing-here', '/x/../nothing-here'])
      for (const status of statusesOf(await all(from('localhost:99999', target))))
        expect([400, 404, ...own]).toContain(status)
  })
})

describe('after all that', () => {
  it('nothing was published, and no room has come to life', async () => {
    for (const [room, count] of [
      ['team-1', 1],
      ['team-10', 1],
    ] as const)
      expect(await history(server.url, room, '', root)).toHaveLength(count)
    for (const room of ['team-20', 'team-', '__proto__', 'constructor'])
      expect((await fetch(`${server.url}/rooms/${room}`, { headers: root })).status).toBe(404)
  })

  it('no token and no ticket is in the log', () => {
    for (const line of server.logs) expect(line).not.toMatch(/eyJ|[\r\n]/)
  })
})
