// POST /progress             Content-Type: application/json    {"steps"?: 20}    starts a job: 201 {id, events, duplicate}
// GET /progress/:id/events   watches it: `log` and `progress` events, then `done` or `stream.error`, then the end
// DELETE /progress/:id       stops it: 204
// A long job. It goes on whether anybody watches or not; who comes late, reloads or lost the connection gets all of it. With
// an Idempotency-Key it is one job however often it is sent. Who starts a job is the only one to see it.
import {
  type App,
  getIdempotencyKey,
  interval,
  type Producers,
  type Room,
  readJsonObject,
  SseError,
  type Standalone,
  standalone,
} from 'edge-sse'

/** Milliseconds that a step takes. */
const STEP = 250

/** The work itself, by the name it is started with: put yours in its place. What it yields is what watchers see. */
export const producers: Producers = {
  async *job(input, { signal }) {
    const { steps } = input as { steps: number }
    let done = 0
    for await (const _ of interval(STEP, signal)) {
      if (done > 0) yield { event: 'log', data: { line: `Step ${done} is done` } }
      yield { event: 'progress', data: { done, of: steps, percent: Math.round((100 * done) / steps) } }
      if (done++ === steps) break
    }
    if (!signal.aborted) yield { event: 'done', data: { result: `${steps} steps` } }
  },
}

export const handler = async (request: Request, app: App): Promise<Response> => {
  const [, , id] = new URL(request.url).pathname.split('/')
  if (id === undefined) return start(request, app)
  const room = await roomOf(id, app)
  const info = await room.info()
  if (!info) throw new SseError('not-found', 'Cannot find job: there is none of that id')
  if (request.method !== 'DELETE') return room.subscribe(request, { ...app.grant, from: 'start' })
  for (const { run } of info.runs ?? []) await room.stop(run)
  return new Response(null, { status: 204 })
}

async function start(request: Request, app: App): Promise<Response> {
  const { steps = 20 } = await readJsonObject(request)
  if (typeof steps !== 'number' || !Number.isInteger(steps) || steps < 1 || steps > 1_000)
    throw new SseError('invalid-parameter', 'Cannot start: `steps` is not a number from 1 to 1,000', { field: 'steps' })
  const key = getIdempotencyKey(request)
  const id = key === undefined ? crypto.randomUUID() : await digest(key)
  const { duplicate } = await (await roomOf(id, app)).start('job', { steps }, { key, subject: app.grant?.subject })
  const events = `/progress/${id}/events`
  const headers = { location: events, 'cache-control': 'no-store' }
  return Response.json({ id, events, duplicate }, { status: 201, headers })
}

/** Named after the job and after who started it: for anybody else there is no such room. */
const roomOf = async (id: string, { rooms, grant }: App): Promise<Room> =>
  rooms.get(`~job-${await digest(JSON.stringify([grant?.subject ?? '', id]))}`)

async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const server: Standalone = standalone(handler, { producers })
export default server
