/** The bindings of wrangler.toml beside this file. */
declare namespace Cloudflare {
  interface Env {
    ASSETS: Fetcher
    FILES: R2Bucket
    ROOMS: DurableObjectNamespace<import('../../src/rooms/durable-object.ts').RoomObject>
    SMALL_ROOMS: DurableObjectNamespace<import('./worker.ts').SmallRoom>
    LIMITED_ROOMS: DurableObjectNamespace<import('./worker.ts').LimitedRoom>
    HOOKED_ROOMS: DurableObjectNamespace<import('./worker.ts').HookedRoom>
    WORK_ROOMS: DurableObjectNamespace<import('./worker.ts').WorkRoom>
    ANSWER_ROOMS: DurableObjectNamespace<import('./worker.ts').AnswerRoom>
    OLDER_ROOMS: DurableObjectNamespace<import('./worker.ts').OlderRoom>
  }
}
