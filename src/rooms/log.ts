/** What a room remembers, and the contract of who stores it. Calls are synchronous: none may see half of another. */
import type { Cursor } from './cursor.ts'
import type { Frame } from './frame.ts'
import type { Run } from './run.ts'

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
  /** Together with a floor that leaves nothing, or a run in a room where nothing was said: when, in milliseconds since 1970. */
  readonly emptied?: number | undefined
  readonly closed?: true | undefined
  /** A run that starts, or that takes the place of what it was before. Of those that ended, old ones go. */
  readonly run?: Run | undefined
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

  /**
   * Stores a change in one transaction: durable when it returns, or before anything sent afterwards leaves, or, where
   * there is a `shared` sync, once that was made.
   */
  commit(change: Commit): void
  /** Where the sync is what a commit costs: many commits have one together. */
  readonly shared?: SharedSync | undefined
  /** Forgets everything: the room is absent, as if it had never been. A commit, as far as a sync goes. */
  drop(): void
  /** The tag of the frame that holds `seq`. */
  tagAt(seq: number): string | undefined
  /** All frames without their text, oldest first; read while nothing is committed. */
  spans(): Iterable<Span>
  /** Frames that end after `seq`, in order; read while nothing is committed. */
  framesAfter(seq: number): Iterable<Frame>
  findKey(subject: string, key: string): UsedKey | undefined
  /** All runs that are remembered: those at work, and of others the newest. */
  runs(): Iterable<Run>
}

/** One sync for the commits of all logs of a store: nothing of them may be sent or answered before it was made. */
export interface SharedSync {
  /** A sync was made, and the event loop has not turned since: what is committed meanwhile has the next one together. */
  readonly recent: boolean
  /** Makes durable what was committed to this log. When it throws, all logs have lost what they committed since the last. */
  sync(): void
  /** Called when this log has lost what was committed to it since the last sync, with what was the cause. */
  onUndo: (cause: unknown) => void
}

/** A key is kept for at least that many milliseconds: a day, so that a clock that steps by hours forgets none … */
export const KEY_AGE = 86_400_000
/** … unless so many newer ones came. */
export const KEY_COUNT = 10_000
/** A run that has ended is kept as long as a key, unless so many runs began or ended after it: each start looks at them all. */
export const RUN_COUNT = 1_000
