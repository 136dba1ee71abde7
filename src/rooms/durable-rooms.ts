/** Rooms as a Worker sees them: the way to their objects, and what to do when an object goes away. */
import { SseError } from '../errors.ts'
import { sleep } from '../interval.ts'
import type { RoomBackend } from './backend.ts'
import { decodePage, encodeCommand, encodePosition, Page, PROTOCOL, UNKNOWN_PROTOCOL } from './bridge.ts'
import type { Outcome, RoomObject } from './durable-object.ts'
import type { PublishTerms, Stored } from './engine.ts'
import type { TextMessage } from './frame.ts'
import { makeRoom } from './make-room.ts'
import type { Admission, Connection, Holder } from './reader.ts'
import type { Rooms } from './room.ts'

export interface DurableRoomsOptions {
  /** Bytes that may wait in the Worker for one reader. Defaults to 65,536: a Worker has 128 MB for all of them. */
  budget?: number | undefined
}

/**
 * Rooms in Durable Objects of `RoomObject` or a class that extends it.
 *
 * @example
 * ```ts
 * import { durableRooms, RoomObject } from 'edge-sse/cloudflare'
 * export { RoomObject }
 * export default {
 *   fetch: (request: Request, env: { ROOMS: DurableObjectNamespace<RoomObject> }): Promise<Response> =>
 *     durableRooms(env.ROOMS).get('lobby').subscribe(request),
 * }
 * ```
 */
export function durableRooms<Room extends RoomObject>(
  namespace: DurableObjectNamespace<Room>,
  options: DurableRoomsOptions = {},
): Rooms {
  const backendOf = durableBackends(namespace, options)
  return { get: (name) => makeRoom(name, backendOf(name)) }
}

/** The backend of each room by its name. */
export function durableBackends<Room extends RoomObject>(
  namespace: DurableObjectNamespace<Room>,
  { budget = 65_536 }: DurableRoomsOptions = {},
): (name: string) => RoomBackend {
  return (name) => {
    // A stub that has seen its object fail stays broken: a fresh one for each use costs nothing.
    // A class that extends `RoomObject` has its methods, which the types of RPC cannot see through a parameter.
    const stub = (): Stub => (namespace as unknown as DurableObjectNamespace<RoomObject>).getByName(name)
    return {
      durable: true,
      budget,
      publish: (messages, terms) => publish(stub, messages, terms),
      page: async (position, first) => {
        const { from, to, live, blocks } = await reach(() => stub().page(position, first))
        return new Page(from, to, live, blocks)
      },
      connect: (admission, holder) => connect(stub(), admission, holder),
      info: () => reach(() => stub().info()),
      purge: async () => unwrap<void>(await reach(async () => stub().purge())),
      close: async () => unwrap<void>(await reach(async () => stub().close())),
    }
  }
}

type Stub = DurableObjectStub<RoomObject>

/** Tries again only with a key: without one, what broke off may have been published. */
async function publish(stub: () => Stub, messages: TextMessage[], terms: PublishTerms): Promise<Stored> {
  for (let attempt = 1; ; attempt++) {
    try {
      return unwrap(await stub().publish(messages, terms))
    } catch (cause) {
      if (cause instanceof SseError) throw cause
      if (!terms.key || attempt === 3)
        throw new SseError(
          'storage-unavailable',
          'Cannot publish: the room did not answer, whether it has the message is unknown',
          {
            cause,
          },
        )
      await sleep(Math.random() * 200 * attempt)
    }
  }
}

const unwrap = <Value>(outcome: Outcome<Value>): Value => {
  if ('value' in outcome) return outcome.value
  throw new SseError(outcome.error.code, outcome.error.message)
}

const reach = async <Value>(call: () => Promise<Value>): Promise<Value> => {
  try {
    return await call()
  } catch (cause) {
    throw new SseError('storage-unavailable', 'Cannot reach the room: its object did not answer', { cause })
  }
}

async function connect(stub: Stub, { position, subject }: Admission, holder: Holder): Promise<Connection | 'read'> {
  const url = `https://room/?${new URLSearchParams({ position: encodePosition(position), subject })}`
  const { status, webSocket: socket } = await stub.fetch(url, {
    headers: { upgrade: 'websocket', 'sec-websocket-protocol': PROTOCOL },
  })
  if (status === 204) return 'read'
  if (!socket) throw new Error(`Cannot connect to room: its object answered ${status}`)
  let open = true
  const broke = (final: boolean): void => {
    if (open) holder.disconnected(final)
    open = false
  }
  // Before `accept`: what arrives earlier would be lost.
  socket.addEventListener('message', ({ data }) => {
    const received = typeof data === 'string' ? decodePage(data) : undefined
    if (received && open) holder.receive(received.turn, received.page)
  })
  socket.addEventListener('close', ({ code }) => broke(code === UNKNOWN_PROTOCOL))
  socket.addEventListener('error', () => broke(false))
  socket.accept()
  return {
    send: (command) => {
      if (!open) return
      try {
        socket.send(encodeCommand(command))
      } catch {
        broke(false) // It is going down, and its close event has not come yet.
      }
    },
    close: () => {
      open = false
      socket.close(1000)
    },
  }
}
