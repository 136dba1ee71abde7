/** A connection to a room, as long as somebody waits for it. */
import type { Connection } from './holder.ts'

export interface Dial {
  /** Rejects when it takes too long, and when nobody waits any more; a connection that comes later still is closed. */
  connection: Promise<Connection | 'read'>
  /** Nobody waits any more. */
  hangUp(): void
}

export function dial(connecting: Promise<Connection | 'read'>, milliseconds: number): Dial {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, milliseconds)
  const connection = async (): Promise<Connection | 'read'> => {
    const made = await Promise.race([connecting, late.promise]).finally(() => clearTimeout(timer))
    if (made) return made
    connecting.then(
      (tooLate) => tooLate !== 'read' && tooLate.close(),
      () => {},
    )
    throw new Error('Cannot connect to room: it did not answer in time')
  }
  return { connection: connection(), hangUp: late.resolve }
}
