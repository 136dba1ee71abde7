/** What stands on either side of a reader: the way to its room, and where its pages go. */
import type { Command, Page, Position } from './bridge.ts'
import type { Cursor } from './cursor.ts'
import type { Ticket } from './ticket.ts'

/** Where a reader's pages go. */
export interface Sink {
  /** Over its budget: no page is asked for, and live ones are not taken. */
  readonly full: boolean
  /** Calls once it is not full any more, where its reader is served: on Workers that is the reader's request. It may come late, or too early. */
  whenDrained(call: () => void): void
  put(page: Page): void
  /** The replay is over: once, with the position. */
  live(at: Cursor): void
  /** The room is closed and was read. */
  finish(): void
  /** The room could not be reached for too long. */
  lost(): void
}

/** The way to the room, as the holder has it. */
export interface Connection {
  send(command: Command): void
  close(): void
}

/** What a connection tells the holder. */
export interface Holder {
  /** False when the page was not taken. */
  receive(turn: number, page: Page): boolean
  /** The connection broke; `final` when it is no use to try again. */
  disconnected(final?: boolean): void
}

/** What a reader brings along when it connects. */
export interface Admission {
  position: Position
  subject: string
  /** What it is let in with, for the first time. */
  ticket?: Ticket | undefined
}

/** Connects to the room: `'read'` instead where the room is closed and the reader has read all of it. */
export type Connect = (admission: Admission, holder: Holder) => Promise<Connection | 'read'>
