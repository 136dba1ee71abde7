/** Rooms as a Worker sees them: the way to their objects, and what to do when an object goes away. */
import { SseError } from '../errors.ts'
import { sleep } from '../interval.ts'
import { checkPositive } from '../options.ts'
import type { RoomBackend } from './backend.ts'
import { decodePage, encodeCommand, encodePosition, Page, PROTOCOL, UNKNOWN_PROTOCOL } from './bridge.ts'
import type { RoomObject } from './durable-object.ts'
import { refused, unwrap } from './durable-outcome.ts'
import type { TextMessage } from './frame.ts'
import type { Admission, Connection, Holder } from './holder.ts'
import type { PublishTerms, Stored } from './log-keeper.ts'
import { makeRoom } from './make-room.ts'
import type { Rooms, Started } from './room.ts'
import type { RunTerms } from './run.ts'
import { encodeTicket } from './ticket.ts'

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
  checkPositive('make rooms', { budget })
  return (name) => {
    // A stub that has seen its object fail stays broken: a fresh one for each use costs nothing.
    // A class that extends `RoomObject` has its methods, which the types of RPC cannot see through a parameter.
    const stub = (): Stub => (namespace as unknown as DurableObjectNamespace<RoomObject>).getByName(name)
    return {
      durable: true,
      budget,
      publish: (messages, terms) => publish(stub, messages, terms),
      page: async (position, first) => {
        const { from, to, live, blocks } = unwrap(await reach(async () => stub().page(position, first)))
        return new Page(from, to, live, blocks)
      },
      connect: (admission, holder) => connect(stub(), admission, holder),
      start: (input, terms) => start(stub, input, terms),
      stop: async (run) => unwrap<void>(await reach(async () => stub().stop(run))),
      info: async () => unwrap(await reach(async () => stub().info())),
      purge: () => purge(stub),
      close: async () => unwrap<void>(await reach(async () => stub().close())),
    }
  }
}

type Stub = DurableObjectStub<RoomObject>

/** Without a key it is not tried again: what broke off may have been published. */
const publish = async (stub: () => Stub, messages: TextMessage[], terms: PublishTerms): Promise<Stored> =>
  unwrap(
    await reach(
      async () => stub().publish(messages, terms),
      'Cannot publish: the room did not answer, whether it has the message is unknown',
      terms.key ? 3 : 1,
    ),
  )

/** Nor is what broke off and may have begun. */
const start = async (stub: () => Stub, input: string, terms: RunTerms): Promise<Started> =>
  unwrap(
    await reach(
      async () => stub().start(input, terms),
      'Cannot start: the room did not answer, whether it has begun is unknown',
      terms.key ? 3 : 1,
    ),
  )

/** Not tried again either: between the two, something may have been published that nobody meant to delete. */
const purge = async (stub: () => Stub): Promise<void> =>
  unwrap<void>(
    await reach(
      async () => stub().purge(),
      'Cannot purge: the room did not answer, whether its events are gone is unknown',
      1,
    ),
  )

/** Calls the object; what may be done twice is tried three times, because an object that is restarted is soon back. */
async function reach<Value>(
  call: () => Promise<Value>,
  failed = 'Cannot reach the room: its object did not answer',
  attempts = 3,
): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (cause) {
      // An object that has too much to do says so, and is not to be asked again.
      if (attempt === attempts || (cause as { overloaded?: boolean }).overloaded)
        throw new SseError('storage-unavailable', failed, { cause })
      await sleep(Math.random() * 200 * attempt)
    }
  }
}

async function connect(stub: Stub, admission: Admission, holder: Holder): Promise<Connection | 'read'> {
  const { position, subject, ticket } = admission
  const asked = new URLSearchParams({ position: encodePosition(position), subject })
  if (ticket) asked.set('ticket', encodeTicket(ticket))
  const response = await stub.fetch(`https://room/?${asked}`, {
    headers: { upgrade: 'websocket', 'sec-websocket-protocol': PROTOCOL },
  })
  if (response.status === 204) return 'read'
  const { webSocket: socket } = response
  if (!socket) throw await refused(response)
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
