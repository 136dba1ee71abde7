/** Nothing between a source and its reader holds anything back: shown by sources that go on only when it has arrived. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchHandler, type Server } from './launch.ts'
import { chunk, RawSocket, request } from './raw-socket.ts'

let server: Server
beforeAll(async () => {
  server = await launchHandler('test/e2e/probe.ts')
})
afterAll(() => server.close())

/** What a piece is on the wire of each format. */
const formats: Record<string, (piece: string) => string> = {
  '/events': (piece) => `data: ${piece}\n\n`,
  '/writer': (piece) => `data: ${piece}\n\n`,
  '/text': (piece) => piece,
  '/ndjson': (piece) => `${JSON.stringify(piece)}\n`,
}

describe.each(Object.entries(formats))('a stream from %s', (path, onTheWire) => {
  it('brings each piece before the source is let go on to the next', async () => {
    const socket = await RawSocket.open(server.port)
    // As every browser does: what compresses on the way must not hold back either.
    socket.write(request('POST', path, { 'Transfer-Encoding': 'chunked', 'Accept-Encoding': 'gzip, deflate, br' }))
    socket.write(chunk('piece 1'))
    const head = await socket.head()
    let text = ''
    let n = 1
    for await (const bytes of socket.body(head)) {
      text += bytes
      if (!text.endsWith(onTheWire(`piece ${n}`))) continue
      if (n === 5) break
      socket.write(chunk(`piece ${++n}`)) // Only now is there anything the source could yield.
    }
    expect(n).toBe(5)
    socket.cut('reset')
  })
})

describe('an event stream', () => {
  it('arrives although its source has not yielded anything', async () => {
    const socket = await RawSocket.open(server.port)
    socket.write(request('POST', '/events', { 'Transfer-Encoding': 'chunked' }))
    const head = await socket.head()
    const { value } = await socket.body(head).next()
    expect(String(value)).toMatch(/^: heartbeat=/)
    socket.cut('reset')
  })
})
