// GET /rooms/:room
// What there is of a room: {room, oldest, newest, count, subscribers, state}; 404 where nothing was ever published.
import { type App, roomName, SseError, type Standalone, standalone } from 'edge-sse'

export const handler = async (request: Request, { rooms }: App): Promise<Response> => {
  const room = rooms.get(roomName(request))
  const info = await room.info()
  if (!info) throw new SseError('room-not-found', 'Cannot tell about room: nothing was ever published to it')
  return Response.json({ room: room.name, ...info }, { headers: { 'cache-control': 'no-store' } })
}

const server: Standalone = standalone(handler)
export default server
