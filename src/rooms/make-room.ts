/** A `Room` over any backend. */
import { SseError } from '../errors.ts'
import type { RoomBackend } from './backend.ts'
import { checkKey, checkMessage } from './publish.ts'
import { read } from './read.ts'
import type { Room } from './room.ts'
import { subscribe } from './subscribe.ts'

export function makeRoom(name: string, backend: RoomBackend): Room {
  return {
    name: checkRoomName(name),
    async publish(message, { key, subject = '', signal } = {}) {
      const messages = [checkMessage(message)]
      const terms = { subject, key: await checkKey(key, messages) }
      signal?.throwIfAborted()
      const { ids, duplicate } = await backend.publish(messages, terms)
      return { id: ids[0] as string, duplicate, durable: backend.durable }
    },
    subscribe: (request, options) => subscribe(backend, request, options),
    read: (options) => read(backend, options),
    info: () => backend.info(),
    close: () => backend.close(),
  }
}

function checkRoomName(name: string): string {
  if (!/^[A-Za-z0-9._~-]{1,64}$/.test(name) || name === '.' || name === '..')
    throw new SseError('invalid-room', 'Cannot open room: its name is not 1 to 64 of A-Z a-z 0-9 . _ ~ -')
  return name
}
