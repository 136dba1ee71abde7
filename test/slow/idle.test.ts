/**
 * A room with 50 readers where nobody speaks: its object leaves memory, the heartbeats of the readers' streams go on
 * without it, and the next publish brings it back and reaches everybody.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleWorker } from '../bundle-worker.ts'
import { EventReader } from '../e2e/event-reader.ts'
import { inParallel, publish, range } from '../e2e/room-client.ts'
import { serveWorkerd, type WorkerdServer } from '../workerd-serve.ts'
import { progress } from './progress.ts'
import { until } from './until.ts'

const READERS = 50
/** Heartbeats, one a second, that each reader sees in silence: workerd lets an object go after 10 s. */
const BEATS = 25

/** Says when an object comes to life; everything else is as it is deployed, but for a short heartbeat. */
const WORKER = `
import { durableRooms, RoomObject as Room } from 'edge-sse/cloudflare'

export class RoomObject extends Room {
  constructor(ctx, env) {
    super(ctx, env)
    console.log('an object was made')
  }
}

export default {
  async fetch(request, env) {
    const room = durableRooms(env.ROOMS).get('x')
    if (request.method === 'POST') return Response.json(await room.publish(await request.json()), { status: 201 })
    return room.subscribe(request, { heartbeat: 1_000 })
  },
}
`

describe('a room where nobody speaks', () => {
  let server: WorkerdServer
  let readers: EventReader[]

  beforeAll(async () => {
    server = await serveWorkerd({ bundle: bundleWorker('test/output/slow', 'idle', WORKER) })
    await publish(server.url, 'x', 'first')
    const target = '/rooms/x/events'
    readers = await inParallel(range(1, READERS), 10, () => EventReader.open(server.port, target))
    await Promise.all(readers.map((reader) => reader.untilLive()))
  })

  afterAll(async () => {
    for (const reader of readers) reader.cut('fin')
    await server.close()
  })

  const made = (): number => server.logs.filter((line) => line.includes('an object was made')).length
  const fewestBeats = (): number => Math.min(...readers.map(({ comments }) => comments.length))

  it('leaves memory while its readers hear heartbeats, and comes back once for the next publish', async () => {
    expect(made()).toBe(1)
    const before = fewestBeats()
    for (const beats of [BEATS / 5, BEATS]) {
      await until(`${beats} heartbeats`, () => fewestBeats() >= before + beats)
      progress(`${fewestBeats() - before} heartbeats at each of ${READERS} readers, ${made()} object made so far`)
    }
    expect(made()).toBe(1)

    // It was gone, or there would be no need to make it again; and not before, or it would have been made by then.
    const { id } = await publish(server.url, 'x', 'after the silence')
    await Promise.all(readers.map((reader) => reader.untilId(id)))
    expect(made()).toBe(2)
    progress(`${id} reached all of them; ${made()} objects made`)
    for (const reader of readers) {
      expect(reader.published.map(({ data }) => data)).toEqual(['after the silence'])
      expect(reader.ended).toBeUndefined()
    }
  })
})
