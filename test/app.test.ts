import { describe, expect, it } from 'vitest'
import { openAccess } from '../src/access/open.ts'
import { Origins } from '../src/access/origins.ts'
import { routes } from '../src/app/routes.ts'
import { type AppContext, app } from '../src/app.ts'
import { folderFiles } from '../src/files/folder-files.ts'
import { memoryRooms } from '../src/rooms/memory.ts'

const lines: string[] = []
const context: AppContext = {
  rooms: memoryRooms(),
  files: folderFiles('demo/files'),
  access: openAccess,
  pages: (request) => {
    const { pathname } = new URL(request.url)
    return pathname === '/missing' ? new Response('', { status: 404 }) : new Response(`<p>${pathname}`)
  },
  log: (line) => lines.push(line),
}
const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  app.fetch(new Request(`http://localhost${path}`, init), context)
const problemOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { type: string }).type,
]

describe('app', () => {
  it('serves pages with a policy that lets nothing else in', async () => {
    for (const [path, page] of [
      ['/', '/'],
      ['/demo/room', '/room'],
      ['/demo/style.css', '/style.css'],
    ] as const) {
      const response = await ask(path)
      expect(await response.text()).toBe(`<p>${page}`)
      expect(response.headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self'/,
      )
    }
    const policy = async (path: string) => (await ask(path)).headers.get('content-security-policy')
    expect(await policy('/demo/html')).toBe(`${await policy('/demo/text')}; frame-src 'self'`)
    expect(await problemOf(await ask('/demo/missing'))).toEqual([404, '/problems/not-found'])
  })

  it('answers what it does not know with a problem, and logs one line for it', async () => {
    lines.length = 0
    expect(await problemOf(await ask('/nothing?token=secret'))).toEqual([404, '/problems/not-found'])
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 'warn', slug: 'not-found', status: 404, method: 'GET', path: '/nothing' },
    ])
    await ask('/healthz')
    expect(lines).toHaveLength(1)
  })

  it('lists what a path takes when asked in another way', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const response = await ask('/rooms/lobby/events', { method })
      expect([response.headers.get('allow'), ...(await problemOf(response))]).toEqual([
        'GET, HEAD, POST, OPTIONS',
        405,
        '/problems/method-not-allowed',
      ])
    }
    const options = await ask('/sse', { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
  })

  it('gives the format that is preferred, and the stream when all are the same', async () => {
    const type = async (accept: string): Promise<string | null> => {
      const response = await ask('/rooms/lobby/events', { headers: { accept } })
      await response.body?.cancel()
      return response.headers.get('content-type')
    }
    expect(await type('*/*')).toBe('text/event-stream')
    expect(await type('text/event-stream, application/problem+json')).toBe('text/event-stream')
    expect(await type('application/x-ndjson')).toBe('application/x-ndjson')
    expect(await type('text/event-stream;q=0.1, application/x-ndjson')).toBe('application/x-ndjson')
    expect(await type('application/xml')).toBe('application/problem+json')
    expect(await problemOf(await ask('/rooms/lobby', { headers: { accept: 'text/html' } }))).toEqual([
      406,
      '/problems/not-acceptable',
    ])
  })

  it('answers HEAD like GET, without a body', async () => {
    for (const path of [
      '/',
      '/sse',
      '/healthz',
      '/html',
      '/text',
      '/ndjson',
      '/download/primes.csv',
      '/rooms/lobby/events',
      '/problems/invalid-json',
    ]) {
      const response = await ask(path, { method: 'HEAD' })
      expect([response.status, await response.text()], path).toEqual([200, ''])
    }
  })

  it('explains every problem it may answer with, and nothing else', async () => {
    const page = await ask('/problems/invalid-json')
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
    expect(await page.text()).toContain('Not the JSON that is expected')
    for (const slug of ['nonsense', '__proto__', 'constructor', '%3Cscript%3E'])
      expect(await problemOf(await ask(`/problems/${slug}`))).toEqual([404, '/problems/not-found'])
  })

  it('is a neutral 500 when something breaks', async () => {
    const broken = { ...context, pages: () => Promise.reject(new Error('the password is hunter2')) }
    const response = await app.fetch(new Request('http://localhost/'), broken)
    const text = await response.text()
    expect([response.status, text.includes('hunter2')]).toEqual([500, false])
  })

  it('lets a page of any site come back with an id to what every page may read, and to nothing else', async () => {
    const origin = 'https://anybody.example'
    const preflight = {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'last-event-id',
    }
    const offered: string[] = []
    for (const [path, endpoints] of Object.entries(routes)) {
      if (!endpoints.GET) continue
      const place = path.replaceAll(/:\w+/g, 'x').replace('*', 'x')
      const { status, headers } = await ask(place, { method: 'OPTIONS', headers: preflight })
      const [allowed, names] = [headers.get('access-control-allow-origin'), headers.get('access-control-allow-headers')]
      expect([status, allowed, names]).toEqual(allowed ? [204, '*', 'last-event-id'] : [204, null, null])
      if (allowed) offered.push(path)
      // The answer and its preflight say the same.
      if (!endpoints.GET.streams || endpoints.GET.right !== null || path.startsWith('/download')) continue
      const answer = await ask(path, { headers: { origin } })
      await answer.body?.cancel()
      expect(answer.headers.get('access-control-allow-origin'), path).toBe(allowed)
    }
    expect(offered).toEqual(['/sse', '/text', '/ndjson'])
  })

  it('lets a page of a listed origin read a 500 too', async () => {
    const origins = new Origins(['https://app.example'])
    const broken = { ...context, origins, pages: () => Promise.reject(new Error('broken')) }
    const request = new Request('http://localhost/', { headers: { origin: 'https://app.example' } })
    const { status, headers } = await app.fetch(request, broken)
    expect([status, headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([
      500,
      'https://app.example',
      'Origin',
    ])
  })
})
