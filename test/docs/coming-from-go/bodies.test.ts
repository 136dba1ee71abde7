/** What docs/coming-from-go.md says of bodies that are no event stream: pages, text, lines, files. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { folderFiles } from '../../../src/files/folder-files.ts'
import { html } from '../../../src/html.ts'
import { exchange, RawSocket, request } from '../../e2e/raw-socket.ts'
import { Page } from '../page.ts'

const page = new Page('docs/coming-from-go.md', 'bodies')

describe.each([
  [
    'HTML in chunks',
    'text/html; charset=utf-8',
    ['<!doctype html><h1>Squares for &#60;b&#62;Ada&#60;/b&#62;</h1><p>1</p>', '<p>4</p>', '<p>9</p>'],
  ],
  ['Plain text', 'text/plain; charset=utf-8', ['as ', 'it ', 'comes\n']],
])('%s', (heading, type, pieces) => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it('arrives piece by piece, each before its source can make the next', async () => {
    const { port } = await page.serve(heading)
    const socket = await RawSocket.open(port)
    socket.write(request('GET', '/?name=%3Cb%3EAda%3C/b%3E'))
    const head = await socket.head()
    expect(head.headers.get('content-type')).toBe(type)
    expect(head.headers.get('x-accel-buffering')).toBe('no')
    const body = socket.body(head)
    for (const piece of pieces) {
      let text = ''
      while (text.length < piece.length) text += (await body.next()).value
      expect(text).toBe(piece)
      await vi.advanceTimersByTimeAsync(200)
    }
    expect((await body.next()).done).toBe(true)
    socket.cut('fin')
  })
})

describe('HTML in chunks', () => {
  it('throws where escaping is not enough', () => {
    expect(() => html`<button onclick="${'x'}">`).toThrow()
    expect(() => html`<script>${'x'}</script>`).toThrow()
  })
})

describe('NDJSON', () => {
  it('is one JSON value a line', async () => {
    const { port } = await page.serve('NDJSON')
    const { headers, body } = await exchange(port, request('GET', '/'))
    expect(headers.get('content-type')).toBe('application/x-ndjson')
    expect(String(body)).toBe('{"n":1,"square":1}\n{"n":2,"square":4}\n{"n":3,"square":9}\n')
  })
})

describe('c.File and c.FileAttachment', () => {
  it('goes on where a download was cut, in the very same file, and keeps the name', async () => {
    const { port } = await page.serve('c.File and c.FileAttachment')
    const file = readFileSync('demo/files/primes.csv')
    const { status, headers, body } = await exchange(port, request('GET', '/'))
    expect({ status, body }).toEqual({ status: 200, body: file })
    expect(headers.get('content-disposition')).toMatch(/filename\*=UTF-8''die%20gr%C3%B6%C3%9Ften%20Primzahlen\.csv$/)
    const etag = headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[^"]+"$/) // Strong.
    const resume = (ifRange: string) =>
      exchange(port, request('GET', '/', { Range: 'bytes=100-', 'If-Range': ifRange }))
    expect(await resume(etag)).toMatchObject({ status: 206, body: file.subarray(100) })
    expect(await resume('"older"')).toMatchObject({ status: 200, body: file })
    const several = await exchange(port, request('GET', '/', { Range: 'bytes=0-9,20-29' }))
    expect(several).toMatchObject({ status: 200, body: file })
  })

  it('has nothing outside its folder', async () => {
    expect(await folderFiles('demo').get('../package.json')).toBeUndefined()
  })
})
