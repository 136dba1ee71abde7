// POST /tickets    Content-Type: application/json    {"room": "lobby"}    201 {ticket, room, expires}
/** Gives a ticket for one room to who may read it. */

import type { Access } from '../access/access.ts'
import { authorize } from '../access/authorize.ts'
import { notConfigured } from '../access/jwt-keys.ts'
import { SseError } from '../errors.ts'
import { readJsonObject } from '../json-body.ts'
import type { Rooms } from '../rooms/room.ts'

/** Bytes of a body: it is read before it is known who sends it. */
const LIMIT = 1_024

export async function ticketDesk(
  request: Request,
  { access, rooms }: { access: Access; rooms: Rooms },
): Promise<Response> {
  let room = ''
  let mistake: unknown
  try {
    room = await roomIn(request, rooms)
  } catch (error) {
    mistake = error
  }
  const grant = await authorize(request, access, { room, action: 'subscribe' }).catch((error: unknown) => {
    // Who has no right to any room hears that first, whoever has it what is wrong with the body.
    throw mistake && error instanceof SseError && error.code === 'forbidden' ? mistake : error
  })
  if (mistake) throw mistake
  if (!access.tickets) throw notConfigured('EDGE_SSE_TICKET_SECRET, of at least 32 characters, is not set')
  const { ticket, expires } = await access.tickets.issue(room, grant)
  return Response.json({ ticket, room, expires }, { status: 201, headers: { 'cache-control': 'no-store' } })
}

async function roomIn(request: Request, rooms: Rooms): Promise<string> {
  const { room } = await readJsonObject(request, { limit: LIMIT })
  if (typeof room !== 'string')
    throw new SseError('invalid-parameter', 'Cannot give ticket: `room` is not a name', { field: 'room' })
  if (room.startsWith('~')) throw new SseError('room-not-found', 'Cannot give ticket: there is no room of that name')
  return rooms.get(room).name
}
