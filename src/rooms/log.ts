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
  readonly frame?: Frame
  readonly key?: UsedKey | undefined
  /** Moves the floor forward to the end of a frame; the frames up to it go. */
  readonly floor?: Cursor | undefined
  readonly closed?: true
}

export interface Log {
  /** False until the first commit: an absent room has no rows at all. */
  readonly exists: boolean
  /** The newest event's cursor; the floor's when none is retained. */
  readonly head: Cursor
  /** The newest event that was let go; `ORIGIN` while none was. */
  readonly floor: Cursor
  readonly closed: boolean

  /** Stores a change in one transaction, durable when it returns or before anything sent afterwards leaves. */
  commit(change: Commit): void
  /** The tag of the frame that holds `seq`. */
  tagAt(seq: number): string | undefined
  /** The newest frame border at or before `seq`. */
  borderBefore(seq: number): Cursor | undefined
  /** Frames that end after `seq`, in order; read while nothing is committed. */
  framesAfter(seq: number): Iterable<Frame>
  findKey(subject: string, key: string): UsedKey | undefined
}

/** A key is kept for at least that many milliseconds … */
export const KEY_AGE = 600_000
/** … unless so many newer ones came. */
export const KEY_COUNT = 10_000
