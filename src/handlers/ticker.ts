// GET /sse
// A clock: `event: timestamp`, an id that counts on from the Last-Event-ID a reader comes back with.
import { eventStream, interval, type Standalone, standalone } from 'edge-sse'

// Any page may read it: it tells nothing that is not on every wall.
const headers = { 'access-control-allow-origin': '*' }

export const handler = (request: Request): Response =>
  eventStream(
    request,
    async function* ({ signal, lastEventId }) {
      const last = Number(lastEventId)
      let n = Number.isSafeInteger(last) && last > 0 ? last : 0
      for await (const now of interval(1000, signal))
        yield { id: String(++n), event: 'timestamp', data: now.toISOString() }
    },
    { headers },
  )

const server: Standalone = standalone(handler)
export default server
