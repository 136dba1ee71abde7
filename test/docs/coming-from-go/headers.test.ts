/** What docs/coming-from-go.md says of headers, over HTTP/1.1 and HTTP/2. */
import { once } from 'node:events'
import { connect } from 'node:http2'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventStream } from '../../../src/event-stream.ts'
import { exchange, request } from '../../e2e/raw-socket.ts'
import { Page, type Program, serve } from '../page.ts'

const page = new Page('docs/coming-from-go.md', 'headers')
const heading = 'X-Accel-Buffering, Transfer-Encoding: chunked and HTTP/2'
const TLS = { cert: 'test/e2e/tls/cert.pem', key: 'test/e2e/tls/key.pem' }
/** What belongs to one connection: https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2 */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']

const SET = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
  'access-control-allow-origin': '*',
}

describe(heading, () => {
  it('sets what an event stream needs, and nothing of the connection', async () => {
    const block = await page.block<Program>(heading)
    const response = await block.default.fetch(new Request('http://localhost/'))
    expect(Object.fromEntries(response.headers)).toEqual(SET)
    await response.body?.cancel()
  })

  it('is chunked over HTTP/1.1, by the runtime', async () => {
    const { port } = await page.serve(heading)
    const { headers, body } = await exchange(port, request('GET', '/'))
    expect(Object.fromEntries(headers)).toMatchObject({ ...SET, 'transfer-encoding': 'chunked' })
    expect(String(body)).toContain('data: hello\n\n')
  })

  it('is the same over HTTP/2, without a header that belongs to the connection', async () => {
    const block = await page.block<Program>(heading)
    const { url } = await serve(block.default.fetch, { tls: TLS, protocol: 'https', node: { http2: true } })
    const session = connect(url, { rejectUnauthorized: false })
    onTestFinished(() => session.destroy())
    const stream = session.request({ ':path': '/' })
    const [headers] = await once(stream, 'response')
    expect(headers).toMatchObject(SET)
    expect(Object.keys(headers).filter((name) => HOP_BY_HOP.includes(name))).toEqual([])
    expect((await stream.toArray()).join('')).toContain('data: hello\n\n')
  })

  it('lets Cache-Control be overridden, and Content-Type not', async () => {
    const headers = { 'cache-control': 'no-store', 'content-type': 'text/plain' }
    const response = eventStream(new Request('http://localhost/'), [], { headers })
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    await response.body?.cancel()
  })
})
