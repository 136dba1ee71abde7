/** Who gets in, route by route: the table of `src/app.ts` is walked, so that no route is forgotten when one is added. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routes } from '../../src/app/routes.ts'
import { flags, launch, type Server } from './launch.ts'
import { exchange, type HeaderLines, RawSocket, request } from './raw-socket.ts'
import { publish } from './room-client.ts'

const SECRET = 'open-sesame-41-open-sesame-41-open-sesame-41'
/** What everybody may have whatever is configured. A route that is not here needs a right. */
const PUBLIC = [
  ...['/', '/demo', '/demo/*', '/sse', '/html', '/text', '/ndjson', '/download/:name'],
  ...['/healthz', '/problems', '/problems/:slug'],
]

const QUESTION = '{"model":"offline?tokens=1","messages":[{"role":"user","content":"hello"}]}'

/** What is sent, where it is not a message. */
const BODIES: Record<string, string> = {
  '/chat-room/:room/events': '{"from":"Ada","text":"hello"}',
  '/progress': '{}',
  '/tickets': '{"room":"lobby"}',
  '/v1/chat/completions': QUESTION,
  '/chat/stream': QUESTION,
  '/server/send': QUESTION,
  '/api/chat':
    '{"id":"1","model":"offline?tokens=1","messages":[{"role":"user","parts":[{"type":"text","text":"hello"}]}]}',
}
/** Where there is nothing, or nothing that is new: absent, over, taken on. */
const OTHERS: Record<string, number> = {
  '/progress/:job': 404,
  '/progress/:job/events': 404,
  '/metrics': flags.metrics ? 200 : 404,
  '/chat/:answer': 404,
  '/chat/:answer/events': 404,
  '/server/send': 202,
  '/v1/chat/completions': 200,
  '/chat/stream': 200,
  '/api/chat': 200,
  '/api/chat/:chat': 204,
  '/api/chat/:chat/stream': 204,
}
/** The handler's own answer to who may ask: of what is not there, that it is not. */
const answered = ({ method, route }: Visit): number => OTHERS[route] ?? (method === 'POST' ? 201 : 200)

interface Visit {
  method: string
  route: string
  path: string
  isPublic: boolean
}

/** Every method of every route, HEAD where there is a GET. */
const visits: Visit[] = Object.entries(routes).flatMap(([route, endpoints]) =>
  Object.keys(endpoints)
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .map((method) => ({
      method,
      route,
      path: route
        .replace('*', 'room')
        .replace(':room', 'lobby')
        .replace(':slug', 'unauthorized')
        .replace(':name', 'primes.csv')
        .replace(/^\/chat(\/stream)?$/, '$&?message=hello'),
      isPublic: PUBLIC.includes(route),
    })),
)

/** Status, slug and challenge of an answer; of a stream only its head is read. */
async function visit(port: number, { method, path, route }: Visit, headers: HeaderLines = {}) {
  const lines = Array.isArray(headers) ? headers : Object.entries(headers)
  const isPost = method === 'POST'
  const all: HeaderLines = isPost ? [...lines, ['Content-Type', 'application/json']] : lines
  const socket = await RawSocket.open(port)
  socket.write(request(method, path, all, isPost ? (BODIES[route] ?? '{"data":1}') : undefined))
  const head = await socket.head()
  const type = head.headers.get('content-type') ?? ''
  let slug: string | undefined
  if (type === 'application/problem+json' && method !== 'HEAD') {
    let body = ''
    for await (const chunk of socket.body(head)) body += chunk
    slug = JSON.parse(body).type.replace('/problems/', '')
  }
  socket.cut('reset')
  return { status: head.status, slug, challenge: head.headers.get('www-authenticate'), type }
}

describe('the route table', () => {
  it('asks for a right on every route but the public ones', () => {
    const open = Object.entries(routes).filter(([, endpoints]) =>
      Object.values(endpoints).some(({ right }) => right === null),
    )
    expect(open.map(([route]) => route).toSorted()).toEqual(PUBLIC.toSorted())
    for (const route of Object.keys(routes).filter((route) => !PUBLIC.includes(route)))
      for (const { right } of Object.values(routes[route] ?? {}))
        expect(right).toMatch(/^(subscribe|publish|answer|admin)$/)
  })
})

// Neither an empty secret nor a word that is nearly "open" lets anybody in.
describe.each([{}, { EDGE_SSE_ACCESS: 'OPEN', EDGE_SSE_SECRET: '' }])('with the variables %o', (vars) => {
  let server: Server
  beforeAll(async () => {
    server = await launch(vars as Record<string, string>)
  })
  afterAll(() => server.close())

  it.each(visits.filter(({ isPublic }) => !isPublic))('$method $route is 503 access-not-configured', async (to) => {
    for (const headers of [
      {},
      { Authorization: 'Bearer' },
      { Authorization: 'Bearer ' },
      { Authorization: `Bearer ${SECRET}` },
    ])
      expect(await visit(server.port, to, headers)).toMatchObject({
        status: 503,
        slug: to.method === 'HEAD' ? undefined : 'access-not-configured',
        type: 'application/problem+json',
      })
  })

  it.each(visits.filter(({ isPublic }) => isPublic))('$method $route answers', async (to) => {
    expect(await visit(server.port, to)).toMatchObject({ status: 200 })
  })

  it('OPTIONS says the methods of every route', async () => {
    for (const [route, endpoints] of Object.entries(routes)) {
      const path = visits.find((visit) => visit.route === route)?.path ?? route
      const { status, headers, body } = await exchange(server.port, request('OPTIONS', path))
      const methods = Object.keys(endpoints).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
      expect({ status, allow: headers.get('allow'), body: String(body) }).toEqual({
        status: 204,
        allow: [...methods, 'OPTIONS'].join(', '),
        body: '',
      })
    }
  })
})

// `open` beside a secret opens nothing: the secret wins.
describe.each([{}, { EDGE_SSE_ACCESS: 'open' }])('with a secret and %o', (vars) => {
  let server: Server
  const bearer = { Authorization: `Bearer ${SECRET}` }
  beforeAll(async () => {
    server = await launch({ ...(vars as Record<string, string>), EDGE_SSE_SECRET: SECRET })
    await exchange(
      server.port,
      request('POST', '/rooms/lobby/events', { ...bearer, 'Content-Type': 'application/json' }, '{"data":"first"}'),
    )
  })
  afterAll(() => server.close())

  it.each(visits.filter(({ isPublic }) => !isPublic))(
    '$method $route is 401 without it, and asks for it',
    async (to) => {
      for (const headers of [{}, { Authorization: 'Bearer wrong' }, { Cookie: `secret=${SECRET}` }])
        expect(await visit(server.port, to, headers)).toEqual({
          status: 401,
          slug: to.method === 'HEAD' ? undefined : 'unauthorized',
          challenge: 'Bearer',
          type: 'application/problem+json',
        })
    },
  )

  it.each(visits.filter(({ isPublic }) => !isPublic))('$method $route answers with it, under any name', async (to) => {
    for (const headers of [bearer, { ...bearer, Host: 'rooms.example' }])
      expect((await visit(server.port, to, headers)).status).toBe(answered(to))
  })

  it.each(visits.filter(({ isPublic }) => isPublic))('$method $route answers without it', async (to) => {
    expect(await visit(server.port, to)).toMatchObject({ status: 200, challenge: null })
  })
})

describe('open to this machine', () => {
  let server: Server
  beforeAll(async () => {
    server = await launch()
    await publish(server.url, 'lobby', 'first')
  })
  afterAll(() => server.close())

  const here = ['localhost', 'LocalHost', '127.0.0.1', '[::1]'].flatMap((name) => [name, `${name}:8787`])
  const elsewhere = [
    'evil.example',
    'evil.example:8787',
    'localhost.evil.example',
    'localhost.',
    '192.0.2.1',
    '[::2]',
    '0.0.0.0',
  ]

  it.each(visits)('$method $route answers under a name of this machine alone', async (to) => {
    for (const host of here)
      expect({ host, status: (await visit(server.port, to, { Host: host })).status }).toEqual({
        host,
        status: answered(to),
      })
    for (const host of elsewhere)
      expect({ host, ...(await visit(server.port, to, { Host: host })) }).toMatchObject({
        host,
        status: 421,
        slug: to.method === 'HEAD' ? undefined : 'misdirected-host',
      })
  })

  it('says on /healthz that it lives', async () => {
    const { status, body } = await exchange(server.port, request('GET', '/healthz'))
    expect({ status, body: JSON.parse(String(body)) }).toEqual({ status: 200, body: { status: 'ok' } })
  })

  it('refuses a foreign name also where there is nothing, and what would be a preflight', async () => {
    for (const [method, path] of [
      ['GET', '/nothing'],
      ['GET', '/demo/style.css'],
      ['OPTIONS', '/rooms/lobby/events'],
      ['DELETE', '/rooms/lobby/events'],
    ] as const) {
      const { status } = await exchange(server.port, request(method, path, { Host: 'evil.example' }))
      expect({ method, path, status }).toEqual({ method, path, status: 421 })
    }
  })

  it('is not fooled by what a proxy would add', async () => {
    for (const name of ['X-Forwarded-Host', 'Forwarded', 'X-Host', 'MF-Original-Hostname', 'MF-Original-URL']) {
      const value =
        name === 'Forwarded' ? 'host=localhost' : name === 'MF-Original-URL' ? 'http://localhost/' : 'localhost'
      const headers = { Host: 'evil.example', [name]: value }
      const { status } = await exchange(server.port, request('GET', '/rooms/lobby', headers))
      expect({ name, status }).toEqual({ name, status: 421 })
    }
  })
})
