/** `edge-sse check` at our own routes: what we tell others to do, we do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { examine, type Report } from '../../bin/check/examine.ts'
import { LIMITS } from '../../bin/check/limits.ts'
import { EventReader } from './event-reader.ts'
import { launch, type Server } from './launch.ts'
import { exchange, request } from './raw-socket.ts'

let server: Server
let listing: Server
const PAGE = 'https://page.example'
beforeAll(async () => {
  ;[server, listing] = await Promise.all([
    launch(),
    launch({ EDGE_SSE_SECRET: 'a-secret-of-thirty-two-characters-', EDGE_SSE_ORIGINS: PAGE }),
  ])
})
afterAll(() => Promise.all([server.close(), listing.close()]))

const examined = (at: Server, path: string, origin?: string): Promise<Report> =>
  examine({
    url: new URL(path, at.url),
    headers: at === listing ? { authorization: ['Bearer a-secret-of-thirty-two-characters-'] } : {},
    origin: origin ?? 'https://app.example',
    isMadeUp: origin === undefined,
    limits: { ...LIMITS, for: 2_500 },
    signal: AbortSignal.timeout(25_000),
  })
const post = async (at: Server, path: string, body: object): Promise<Record<string, string>> => {
  const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer a-secret-of-thirty-two-characters-' }
  return JSON.parse(String((await exchange(at.port, request('POST', path, headers, JSON.stringify(body)))).body))
}
const published = async (at: Server): Promise<string> => {
  for (const data of [1, 2, 3, 4]) await post(at, '/rooms/checked/events', { event: 'count', data })
  return '/rooms/checked/events?from=start'
}
const over = async (job: object): Promise<string> => {
  const { events = '' } = await post(server, '/progress', job)
  await (await EventReader.open(server.port, events)).untilEnd()
  return events
}
/** A heartbeat is not waited for: it says itself how often it beats. */
const unjudged = ({ unjudged }: Report): string[] =>
  unjudged.map(({ rule }) => rule).filter((rule) => rule !== 'heartbeat')
const faults = ({ findings }: Report): object[] => findings.filter(({ severity }) => severity !== 'note')

// Each watches for a while: together they take as long as one.
describe.concurrent('check finds no error and no warning', () => {
  it.each<[string, () => Promise<string> | string]>([
    ['/sse', () => '/sse'],
    ['/rooms/:room/events', () => published(server)],
    ['/chat/stream', () => '/chat/stream?message=hello'],
    ['/progress/:id/events', async () => (await post(server, '/progress', { steps: 20 })).events ?? ''],
    ['/progress/:id/events of a job that is over', () => over({ steps: 2 })],
  ])('at %s', async (_, path) => {
    const report = await examined(server, await path())
    expect(faults(report)).toEqual([])
    expect(unjudged(report)).toEqual([])
    // Watched plain and compressed, cut, and cut with an id that there never was.
    expect(report.requests).toBeGreaterThanOrEqual(4)
  })

  it('for a page of a listed origin', async () => {
    const report = await examined(listing, await published(listing), PAGE)
    expect([report.findings, unjudged(report)]).toEqual([[], []])
  })

  it('in a room where nothing was ever said', async () => {
    const report = await examined(server, '/rooms/quiet/events')
    expect([faults(report), unjudged(report)]).toEqual([[], ['resume']])
  })
})
