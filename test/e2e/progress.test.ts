/** A long job over real sockets: watched by many, left, resumed, stopped, and started once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EventReader, isPublished } from './event-reader.ts'
import { launch, type Server } from './launch.ts'
import { exchange, request } from './raw-socket.ts'
import { as, expectRefusal } from './refusal.ts'
import { range } from './room-client.ts'

let server: Server
beforeAll(async () => {
  server = await launch()
})
afterAll(() => server.close())

interface Job {
  id: string
  events: string
  duplicate: boolean
}
const post = (body: string, headers: Record<string, string> = {}) =>
  exchange(server.port, request('POST', '/progress', { 'Content-Type': 'application/json', ...headers }, body))
const start = async (steps: number, key?: string): Promise<Job> => {
  const answer = await post(JSON.stringify({ steps }), key === undefined ? {} : { 'Idempotency-Key': key })
  expect(answer.status).toBe(201)
  const job: Job = JSON.parse(String(answer.body))
  expect(answer.headers.get('location')).toBe(job.events)
  return job
}
const watch = (job: Job, lastEventId?: string): Promise<EventReader> =>
  EventReader.open(server.port, job.events, lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId })
const untilNamed = (reader: EventReader, name: string): Promise<void> =>
  reader.until(name, () => reader.named(name).length > 0)
const doneOf = (reader: EventReader): number[] => reader.named('progress').map(({ data }) => JSON.parse(data).done)

describe('a job', () => {
  it('tells whoever watches of each step, and ends', async () => {
    const job = await start(4)
    expect(job).toEqual({ id: expect.any(String), events: `/progress/${job.id}/events`, duplicate: false })
    const [one, two] = [await watch(job), await watch(job)]
    for (const reader of [one, two]) {
      await reader.untilEnd()
      expect(doneOf(reader)).toEqual([0, 1, 2, 3, 4])
      expect(reader.named('log')).toHaveLength(4)
      expect(reader.named('progress').map(({ data }) => JSON.parse(data).percent)).toEqual([0, 25, 50, 75, 100])
      expect(reader.named('done').map(({ data }) => JSON.parse(data))).toEqual([{ result: '4 steps' }])
      expect(reader.events.at(-1)).toMatchObject({ id: '~end', event: 'stream.end' })
    }
    const last = one.events.findLast(isPublished)?.id ?? ''
    const again = await exchange(server.port, request('GET', job.events, { 'Last-Event-ID': last }))
    expect(again.status).toBe(204)
  })

  it.each(['reset', 'fin'] as const)(
    'goes on when its watcher leaves by a %s, who comes back for the rest',
    async (how) => {
      const job = await start(5)
      const first = await watch(job)
      await first.until('a step', () => doneOf(first).length >= 2)
      first.cut(how)
      const seen = first.events.filter(isPublished)
      const second = await watch(job, seen.at(-1)?.id)
      await second.untilEnd()
      const all = [...seen, ...second.events.filter(isPublished)]
      expect(all.map(({ id }) => Number.parseInt(id ?? '', 10))).toEqual(range(1, all.length))
      expect(all.at(-1)?.event).toBe('done')
      const late = await watch(job)
      await late.untilEnd()
      expect(late.events.filter(isPublished)).toEqual(all)
    },
  )

  it('is stopped on request, and says so', async () => {
    const job = await start(1_000)
    const reader = await watch(job)
    await untilNamed(reader, 'progress')
    for (let times = 0; times < 2; times++)
      expect((await exchange(server.port, request('DELETE', `/progress/${job.id}`))).status).toBe(204)
    await reader.untilEnd()
    expect(JSON.parse(reader.named('stream.error')[0]?.data ?? '')).toMatchObject({ code: 'producer-stopped' })
    expect(reader.events.at(-1)?.event).toBe('stream.end')
    expect(reader.named('done')).toEqual([])
  })

  it('is one job for one key, however often it is sent', async () => {
    const jobs = await Promise.all(range(1, 20).map(() => start(1, 'order-1')))
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1)
    expect(jobs.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
    const reader = await watch(jobs[0] as Job)
    await reader.untilEnd()
    expect(doneOf(reader)).toEqual([0, 1])
    expect(await start(1, 'order-1')).toEqual({ ...jobs[0], duplicate: true })
    expectRefusal(await post('{"steps":2}', { 'Idempotency-Key': 'order-1' }), as(422, 'idempotency-conflict'))
  })

  it.each([
    ['', as(400, 'invalid-json')],
    ['null', as(400, 'invalid-json')],
    ['[]', as(400, 'invalid-json')],
    ['7', as(400, 'invalid-json')],
    ['{"steps":0}', as(400, 'invalid-parameter')],
    ['{"steps":1.5}', as(400, 'invalid-parameter')],
    ['{"steps":1001}', as(400, 'invalid-parameter')],
    ['{"steps":"3"}', as(400, 'invalid-parameter')],
    ['{"steps":1.0}', as(400, 'invalid-parameter')],
  ])('is not started with %s', async (body, refusal) => {
    expectRefusal(await post(body), refusal)
  })

  it('is not started with another type of body, and is absent under any other id', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
      expectRefusal(await post('{}', { 'Content-Type': type }), as(415, 'unsupported-media-type'))
    for (const [method, path] of [
      ['GET', '/progress/another/events'],
      ['DELETE', '/progress/another'],
    ] as const)
      expectRefusal(await exchange(server.port, request(method, path)), as(404, 'not-found'))
  })

  it('row 77: is not to be found under /rooms', async () => {
    for (const room of ['~job-1', '%7Ejob-1', '~'])
      for (const [method, path] of [
        ['GET', `/rooms/${room}/events`],
        ['GET', `/rooms/${room}`],
        ['GET', `/chat-room/${room}/events`],
      ] as const)
        expectRefusal(await exchange(server.port, request(method, path)), as(404, 'room-not-found'))
  })
})
