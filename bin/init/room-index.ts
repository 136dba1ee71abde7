/** The file that joins the five handlers of a room: the one template that is made of several. */

export const ROOM_INDEX = `// GET, POST /rooms/:room/events, GET /rooms/:room
// A room: each of its requests has a handler of its own.
import { type App, problemResponse, SseError, type Standalone, standalone } from 'edge-sse'
import { handler as events } from './room-events.ts'
import { handler as history } from './room-history.ts'
import { handler as info } from './room-info.ts'
import { handler as publish } from './room-publish.ts'
import { handler as publishBatch } from './room-publish-batch.ts'

/** Whether that is NDJSON, whatever its parameters are. */
const isNdjson = (type: string | null): boolean => /^application\\/x-ndjson *(;|$)/i.test(type ?? '')

export const handler = (request: Request, app: App): Response | Promise<Response> => {
  const { pathname } = new URL(request.url)
  const { method, headers } = request
  if (!/^\\/rooms\\/[^/]+(\\/events)?$/.test(pathname))
    return problemResponse(new SseError('not-found', 'Cannot answer: there is nothing at this path'))
  const isEvents = pathname.endsWith('/events')
  if (method === 'POST' && isEvents) return isNdjson(headers.get('content-type')) ? publishBatch(request, app) : publish(request, app)
  if (method !== 'GET')
    return problemResponse(new SseError('method-not-allowed', 'Cannot answer: this path does not take this method'), {
      allow: isEvents ? 'GET, POST' : 'GET',
    })
  if (!isEvents) return info(request, app)
  return isNdjson(headers.get('accept')) ? history(request, app) : events(request, app)
}

const server: Standalone = standalone(handler)
export default server
`
