/** The handlers that send a body in pieces, and the download: what each sends, piece by piece, and how it ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Standalone } from '../../src/handler.ts'
import download from '../../src/handlers/download.ts'
import page from '../../src/handlers/html.ts'
import ndjson from '../../src/handlers/ndjson.ts'
import text from '../../src/handlers/text.ts'

/** All pieces of an answer, without waiting for the clock that paces them. */
async function piecesOf(server: Standalone, path: string): Promise<{ response: Response; pieces: string[] }> {
  const response = await server.fetch(new Request(`http://localhost${path}`))
  const pieces: string[] = []
  const decoder = new TextDecoder()
  const reader = response.body?.getReader()
  for (let read = reader?.read(); read; read = reader?.read()) {
    await vi.advanceTimersByTimeAsync(400)
    const { value, done } = await read
    if (done) break
    pieces.push(decoder.decode(value, { stream: true }))
  }
  return { response, pieces }
}

const VOID = ['meta', 'br', 'hr', 'img', 'link', 'input']

/** The tags of a page, in order. Throws where one is not closed, or closes another; `html` may stay open. */
function tagsOf(markup: string): string[] {
  const open: string[] = []
  const tags: string[] = []
  const rest = markup.replace(/<style>[^<]*<\/style>/g, '').replace(/^<!doctype html>/, '')
  const left = rest.replace(/<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"<>]*")*)>/g, (_, closing, name) => {
    tags.push(closing + name)
    if (closing && open.pop() !== name) throw new Error(`</${name}> closes nothing`)
    if (!closing && !VOID.includes(name)) open.push(name)
    return ''
  })
  if (/[<>"']/.test(left)) throw new Error(`This is no text: ${left}`)
  if (open.join() !== 'html') throw new Error(`Not closed: ${open}`)
  return tags
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

describe('GET /html', () => {
  it('is a valid page at each cut between pieces', async () => {
    const { response, pieces } = await piecesOf(page, '/html?name=Ada')
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(pieces).toHaveLength(10)
    for (let cut = 1; cut <= pieces.length; cut++) tagsOf(pieces.slice(0, cut).join(''))
    expect(pieces[0]).toContain('<title>Sunlight for Ada</title>')
  })

  it.each([
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '</title></style><script>alert(1)</script>',
    '<!--',
    ']]>',
    '&lt;script&gt;&#60;b&#62;',
    '\u2028</h1>',
  ])('shows %j as a name, and nothing of it is a tag', async (name) => {
    const calm = (await piecesOf(page, '/html?name=Ada')).pieces.join('')
    const { pieces } = await piecesOf(page, `/html?name=${encodeURIComponent(name)}`)
    expect(tagsOf(pieces.join(''))).toEqual(tagsOf(calm))
    expect(pieces.join('')).not.toContain(name)
  })
})

describe('GET /text', () => {
  it('is written word by word, to the end', async () => {
    const { response, pieces } = await piecesOf(text, '/text?name=%3Cb%3E')
    expect([response.headers.get('content-type'), response.headers.get('access-control-allow-origin')]).toEqual([
      'text/plain; charset=utf-8',
      '*',
    ])
    expect(pieces.length).toBeGreaterThan(15)
    expect(pieces.join('')).toMatch(/^<b>, this text is written .* so does its writer\.\n$/)
  })
})

describe('GET /ndjson', () => {
  it('is one value a line, each as it is found', async () => {
    const { response, pieces } = await piecesOf(ndjson, '/ndjson')
    expect([response.headers.get('content-type'), response.headers.get('access-control-allow-origin')]).toEqual([
      'application/x-ndjson',
      '*',
    ])
    expect(pieces.map((line) => JSON.parse(line).prime)).toEqual([
      2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71,
    ])
  })
})

describe('GET /download/:name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'edge-sse-own-'))
  const ask = (path: string, bindings?: unknown): Promise<Response> =>
    download.fetch(new Request(`http://localhost/download/${path}`), bindings)

  it('sends what is in the folder that the environment names, under its name', async () => {
    writeFileSync(join(folder, 'größe.txt'), 'hello')
    process.env.FILES = folder
    const response = await ask('gr%C3%B6%C3%9Fe.txt')
    expect([response.status, response.headers.get('content-disposition'), await response.text()]).toEqual([
      200,
      `attachment; filename="gr__e.txt"; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt`,
      'hello',
    ])
    for (const path of ['none', '%zz', '%2e%2e', '..%2f..%2fetc%2fpasswd', '', '%00'])
      expect((await ask(path)).status, path).toBe(404)
    delete process.env.FILES
    expect((await ask('gr%C3%B6%C3%9Fe.txt')).status).toBe(404) // It is not in ./files.
    rmSync(folder, { recursive: true })
  })

  it('sends what is in the bucket or among the assets that a Worker has', async () => {
    const object = { size: 2, etag: 'x', httpEtag: '"x"', uploaded: new Date(0), body: new Response('in').body }
    const bucket = { head: async (key: string) => (key === 'a' ? object : null), get: async () => object }
    const assets = {
      fetch: async ({ url }: Request) =>
        new Response('as', { status: url.endsWith('/a') ? 200 : 404, headers: { etag: '"own"' } }),
    }
    expect(await (await ask('a', { FILES: bucket, ASSETS: assets })).text()).toBe('in')
    expect(await (await ask('a', { ASSETS: assets })).text()).toBe('as')
    expect((await ask('b', { ASSETS: assets })).status).toBe(404)
  })
})
