/** A reader of event streams that somebody else wrote, as the tests see it. */
import type { Dispatched } from '../awkward.ts'

export interface Terms {
  /** Names of events that are listened for: an `EventSource` tells of no others. */
  names: string[]
  /** The name of the event after which the reader is told to leave. Without it, it reads until it stops by itself. */
  until?: string
}

export interface Reader {
  name: string
  /** Whether it reconnects by itself. Others give what one response holds. */
  reconnects: boolean
  /** Whether it tells ids. */
  tellsIds: boolean
  /** What it dispatched, in order. */
  read(url: string, terms: Terms): Promise<Dispatched[]>
  /** Before the first `read`, and after the last. */
  start?(): Promise<void>
  stop?(): Promise<void>
}
