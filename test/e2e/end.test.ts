/** A stream that has ended for good, and readers that come back by themselves: they ask once more, and stay away. */
import { EventSource } from 'undici'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchHandler, type Server } from './launch.ts'
import { exchange, request } from './raw-socket.ts'

let server: Server
beforeAll(async () => {
  server = await launchHandler('test/e2e/probe.ts')
})
afterAll(() => server.close())

it('is asked for twice by an EventSource, and runs its source once', async () => {
  const source = new EventSource(`${server.url}/finite?name=native`)
  const heard: unknown[] = []
  source.onmessage = ({ data }) => heard.push(JSON.parse(data))
  await new Promise<void>((resolve) => {
    source.onerror = () => source.readyState === EventSource.CLOSED && resolve()
  })
  expect(heard).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  expect(server.logs.filter((line) => /^(asked|ended) native/.test(line))).toEqual([
    'asked native after ',
    'ended native',
    'asked native after ~end',
  ])
})

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
