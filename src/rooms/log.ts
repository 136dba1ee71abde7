/** What a room remembers, and the contract of who stores it. Calls are synchronous: none may see half of another. */
import type { Cursor } from './cursor.ts'
import type { Frame } from './frame.ts'

/** An idempotency key that was used. */
export interface UsedKey {
  readonly subject: string
  readonly key: string
  /** Digest of what was published. */
  readonly hash: string
  readonly first: number
  readonly last: number
  readonly tag: string
  /** When, in milliseconds since 1970. */
  readonly at: number
}

/** What one commit changes: all of it or, when it throws, nothing. */
export interface Commit {
  readonly frames?: readonly Frame[]
  readonly key?: UsedKey | undefined
  /** Moves the floor forward to the end of a frame; the frames up to it go. */
  readonly floor?: Cursor | undefined
  /** Together with a floor that leaves nothing: when, in milliseconds since 1970. */
  readonly emptied?: number | undefined
  readonly closed?: true
}

/** A frame without its text. */
export type Span = Omit<Frame, 'blocks'>

export interface Log {
  /** False until the first commit: an absent room has no rows at all. */
  readonly exists: boolean
  /** The newest event's cursor; the floor's when none is retained. */
  readonly head: Cursor
  /** The newest event that was let go; `ORIGIN` while none was. */
  readonly floor: Cursor
  readonly closed: boolean
  /** Bytes of all frames retained. */
  readonly bytes: number
  /** When the last of its frames went, in milliseconds since 1970; undefined while it has some, or never had. */
  readonly emptied: number | undefined

  /** Stores a change in one transaction, durable when it returns or before anything sent afterwards leaves. */
  commit(change: Commit): void
  /** Forgets everything: the room is absent, as if it had never been. */
  drop(): void
  /** The tag of the frame that holds `seq`. */
  tagAt(seq: number): string | undefined
  /** All frames without their text, oldest first; read while nothing is committed. */
  spans(): Iterable<Span>
  /** Frames that end after `seq`, in order; read while nothing is committed. */
  framesAfter(seq: number): Iterable<Frame>
  findKey(subject: string, key: string): UsedKey | undefined
}

/** A key is kept for at least that many milliseconds: a day, so that a clock that steps by hours forgets none … */
export const KEY_AGE = 86_400_000
/** … unless so many newer ones came. */
export const KEY_COUNT = 10_000
