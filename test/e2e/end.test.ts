/** A stream that has ended for good. Readers that come back to it by themselves: outside-readers.test.ts */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchHandler, type Server } from './launch.ts'
import { exchange, request } from './raw-socket.ts'

let server: Server
beforeAll(async () => {
  server = await launchHandler('test/e2e/probe.ts')
})
afterAll(() => server.close())

it('is 204 without a body for who brings its end, however it is brought', async () => {
  for (const [path, headers] of [
    ['/finite?name=back', { 'Last-Event-ID': '~end' }],
    ['/finite?name=back&lastEventId=~end', {}],
  ] as const) {
    const { status, headers: answered, body } = await exchange(server.port, request('GET', path, headers))
    expect({ status, body: String(body) }).toEqual({ status: 204, body: '' })
    expect(answered.get('content-type')).toBeNull()
  }
  expect(server.logs).not.toContain('ended back')
})
