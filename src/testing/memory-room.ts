/** A room for a test: in memory, with its log to look into and a `fetch` for who reads it. */
import { readJson } from '../json-body.ts'
import { problemResponse } from '../problem.ts'
import { type MemoryRoomsOptions, memoryRooms } from '../rooms/memory.ts'
import { toNewMessage } from '../rooms/new-message.ts'
import type { Gap, Room, RoomMessage } from '../rooms/room.ts'
import { type Fetch, fetchOf } from './fetch-of.ts'
import type { MessageReader } from './message-reader.ts'
import { type OpenOptions, openMessages } from './read-messages.ts'

export interface MemoryRoomOptions extends MemoryRoomsOptions {
  /** Defaults to `room`. */
  name?: string | undefined
}

export interface MemoryRoom {
  room: Room
  /** For a client: GET reads the room, from `?from=` or where its `Last-Event-ID` says, POST publishes `{"event"?, "data"}`. */
  fetch: Fetch
  /** What is in the log, from the oldest on. */
  messages(): Promise<(RoomMessage | Gap)[]>
  /** A reader of the room, who is there when this resolves; the whole room is told who else is (`stream.presence`). */
  join(options?: OpenOptions & { from?: 'live' | 'start' | number }): Promise<MessageReader>
}

/**
 * A room that nobody shares.
 *
 * @example
 * ```ts
 * import { memoryRoom } from 'edge-sse/testing'
 * const { room, join, messages } = memoryRoom()
 * await using reader = await join({ ignore: ['stream.presence'] })
 * await reader.expect({ event: 'stream.live' })
 * await room.publish({ event: 'chat', data: { text: 'hello' } })
 * await reader.expect({ event: 'chat', data: { text: 'hello' } })
 * console.log((await messages()).length) // 1
 * ```
 */
export function memoryRoom({ name = 'room', ...options }: MemoryRoomOptions = {}): MemoryRoom {
  const room = memoryRooms(options).get(name)
  const handler = async (request: Request): Promise<Response> => {
    try {
      if (request.method !== 'POST') return await room.subscribe(request)
      return Response.json(await room.publish(toNewMessage(await readJson(request))), { status: 201 })
    } catch (error) {
      return problemResponse(error)
    }
  }
  return {
    room,
    fetch: fetchOf(handler),
    messages: () => Array.fromAsync(room.read({ live: false })),
    join: ({ from = 'live', ...reading } = {}) => openMessages(handler, `/?from=${from}`, reading),
  }
}
