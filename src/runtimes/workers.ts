/** The app on Cloudflare Workers: `wrangler deploy`, `wrangler dev`. */
import { type AccessEnvironment, type Guard, guardFrom } from '../access/from-environment.ts'
import { app } from '../app.ts'
import { authorize } from '../authorize.ts'
import { assetFiles } from '../files/asset-files.ts'
import { producers } from '../producers.ts'
import { RoomObject as Room } from '../rooms/durable-object.ts'
import { durableRooms } from '../rooms/durable-rooms.ts'
import type { Producers } from '../rooms/producer.ts'
import { keepWorking } from '../worker-context.ts'

/** A room of the app: what its handlers start lives in it. */
export class RoomObject extends Room {
  override producers: Producers = producers
}

interface Environment extends AccessEnvironment {
  ROOMS: DurableObjectNamespace<RoomObject>
  ASSETS: Fetcher
}

/** Made once: it holds the keys that it has fetched. */
const guards = new WeakMap<object, Guard>()

function guardOf(env: Environment): Guard {
  const guard = guards.get(env) ?? guardFrom(env, authorize)
  guards.set(env, guard)
  return guard
}

const worker: ExportedHandler<Environment> = {
  async fetch(request, env, context) {
    const response = await app.fetch(request, {
      rooms: durableRooms(env.ROOMS),
      ...guardOf(env),
      files: assetFiles(env.ASSETS, 'files'),
      pages: (page) => env.ASSETS.fetch(page),
      env,
    })
    keepWorking(response, context)
    return response
  },
}
export default worker
