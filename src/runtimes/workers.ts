/** The app on Cloudflare Workers: `wrangler deploy`, `wrangler dev`. */
import { type AccessEnvironment, guardFrom, nobody } from '../access/from-environment.ts'
import { Admission } from '../app/admission.ts'
import { type LimitsEnvironment, limitsFrom } from '../app/limits-from-environment.ts'
import { allowanceOf, withAllowance } from '../app/new-rooms.ts'
import { producersOf } from '../app/producers.ts'
import { checkNames } from '../app/settings.ts'
import { type AppContext, app } from '../app.ts'
import { authorize } from '../authorize.ts'
import { SseError } from '../errors.ts'
import { assetFiles } from '../files/asset-files.ts'
import { modelsFrom } from '../relay/models.ts'
import { RoomObject as Room } from '../rooms/durable-object.ts'
import { durableRooms } from '../rooms/durable-rooms.ts'
import type { RoomLimits } from '../rooms/limits.ts'
import type { Producers } from '../rooms/producer.ts'
import { keepWorking } from '../worker-context.ts'

interface Environment extends AccessEnvironment, LimitsEnvironment {
  ROOMS: DurableObjectNamespace<RoomObject>
  ASSETS: Fetcher
  /** How often streams may be opened by an address or a subject, and rooms brought to life by a subject, on all isolates. */
  STREAM_RATE?: RateLimit
  ROOM_RATE?: RateLimit
  /** `requests`: each request is logged, not only each refusal. */
  EDGE_SSE_LOG?: string
}

/** A room of the app: what its handlers start lives in it. */
export class RoomObject extends Room<Environment> {
  override producers: Producers = producersIn(this.env)
  override limits: RoomLimits = limitsFrom(this.env).room
}

/** A mistake in what is configured is said to who asks: here it would take the rooms with it. */
function producersIn(env: unknown): Producers {
  try {
    return producersOf(env)
  } catch {
    return producersOf({})
  }
}

/** Streams of an isolate, where the environment does not say: it has 128 MB for all of them. */
const STREAMS = 4_000
/** Seconds after which who has brought too many rooms to life may try again, where Cloudflare counts. */
const PERIOD = 60

/** Made once for an environment: they count, and hold the keys that were fetched. */
const contexts = new WeakMap<Environment, AppContext>()

function contextOf(env: Environment): AppContext {
  const known = contexts.get(env)
  if (known) return known
  const shared = {
    files: assetFiles(env.ASSETS, 'files'),
    pages: (page: Request) => env.ASSETS.fetch(page),
    env,
    logRequest: env.EDGE_SSE_LOG === 'requests' ? console.log : undefined,
  }
  let context: AppContext
  try {
    checkNames(env)
    modelsFrom(env)
    context = { ...shared, ...limited(env), ...guardFrom(env, authorize) }
  } catch (error) {
    // There is nobody here whom it could be told when this starts.
    const mistake = new SseError('access-not-configured', error instanceof Error ? error.message : 'Cannot start')
    context = { ...shared, rooms: durableRooms(env.ROOMS), access: nobody(mistake) }
  }
  contexts.set(env, context)
  return context
}

function limited(env: Environment): Pick<AppContext, 'rooms' | 'admission' | 'addressHeader'> {
  const { admission, roomsPerSubject, addressHeader } = limitsFrom(env)
  const { STREAM_RATE, ROOM_RATE } = env
  const allowance = ROOM_RATE
    ? async (subject: string) => ((await ROOM_RATE.limit({ key: subject })).success ? 0 : PERIOD)
    : allowanceOf(roomsPerSubject)
  return {
    rooms: withAllowance(durableRooms(env.ROOMS), allowance),
    admission: new Admission({
      ...admission,
      streams: admission.streams ?? STREAMS,
      rate: STREAM_RATE && (async (key) => (await STREAM_RATE.limit({ key })).success),
    }),
    addressHeader,
  }
}

const worker: ExportedHandler<Environment> = {
  async fetch(request, env, context) {
    const address = request.headers.get('cf-connecting-ip') ?? undefined
    const answered = app.fetch(request, contextOf(env), address)
    // Whoever leaves before there is a response: what was begun for it is ended in order.
    context.waitUntil(answered)
    const response = await answered
    keepWorking(response, context)
    return response
  },
}
export default worker
