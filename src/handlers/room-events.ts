// GET /rooms/:room/events
// An event stream of a room: what the reader has missed since its Last-Event-ID, `stream.live`, then all that is said.
// Without an id: ?from=live (default), start, or a number of last events. ?lastEventId= serves the first connect.
import { type App, roomName, type Standalone, standalone } from 'edge-sse'

export const handler = (request: Request, { rooms, grant }: App): Promise<Response> =>
  rooms.get(roomName(request)).subscribe(request, grant)

const server: Standalone = standalone(handler)
export default server
