/** A backend as it is over a network: everything between holder and room takes its time, each way, in order. */
import type { RoomBackend } from '../../src/rooms/backend.ts'

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

export function delayed(backend: RoomBackend, milliseconds: number): RoomBackend {
  if (milliseconds === 0) return backend
  /** Calls what it is given one after the other, each `milliseconds` after it was given. */
  const line = (): ((call: () => void) => void) => {
    let last = Promise.resolve()
    return (call) => {
      const due = pause(milliseconds)
      last = last.then(() => due).then(call)
    }
  }
  const roundTrip = async <Value>(call: () => Promise<Value>): Promise<Value> => {
    await pause(milliseconds)
    try {
      return await call()
    } finally {
      await pause(milliseconds)
    }
  }
  return {
    ...backend,
    publish: (messages, terms) => roundTrip(() => backend.publish(messages, terms)),
    start: (input, terms) => roundTrip(() => backend.start(input, terms)),
    page: (position, first) => roundTrip(() => backend.page(position, first)),
    connect: async (admission, holder) => {
      const down = line()
      const up = line()
      const connection = await roundTrip(() =>
        backend.connect(admission, {
          receive: (turn, page) => {
            down(() => holder.receive(turn, page))
            return true
          },
          disconnected: (final) => down(() => holder.disconnected(final)),
        }),
      )
      if (connection === 'read') return connection
      return { send: (command) => up(() => connection.send(command)), close: () => up(() => connection.close()) }
    },
  }
}
