/** All that changes a log: what is published to it, what it lets go, and its end. */
import { SseError } from '../errors.ts'
import { logError } from '../log-line.ts'
import type { Cursor } from './cursor.ts'
import { type Frame, makeFrames, type TextMessage } from './frame.ts'
import type { Commit, Log, UsedKey } from './log.ts'
import {
  checkRetention,
  floorByAge,
  floorBySize,
  type Limits,
  nextLook,
  REMEMBERED,
  type Retention,
} from './retention.ts'
import type { Run, RunTerms } from './run.ts'

/** Milliseconds between two looks that must both find nobody: longer than a reader takes to come back. */
const SECOND_LOOK = 5_000

/** What a publish carries besides its messages. */
export interface PublishTerms {
  subject: string
  key?: { name: string; hash: string } | undefined
  /** False where the room must be there. */
  create?: boolean | undefined
}

/** Where in the log a publish stands. */
export interface Stored {
  first: number
  last: number
  tag: string
  /** True when its key was known, and this is where it stood before. */
  duplicate: boolean
}

export interface LogKeeperOptions {
  /** How much is kept. */
  retention?: Retention | undefined
  /** Called in the block of the change that asks for it: `tidy` is due in so many milliseconds. */
  remind?: (milliseconds: number) => void
}

export class LogKeeper {
  readonly #log: Log
  readonly #retention: Limits
  readonly #remind: (milliseconds: number) => void
  #hasSynced = false
  /** The log has been empty for long, and nobody read it when it was last looked at: the next look is the last. */
  deserted = false

  constructor(log: Log, { retention = {}, remind = () => {} }: LogKeeperOptions) {
    this.#log = log
    this.#retention = checkRetention(retention)
    this.#remind = remind
  }

  /** What was published under this key before. */
  find({ subject, key }: PublishTerms): UsedKey | undefined {
    return key && this.#log.findKey(subject, key.name)
  }

  /**
   * Stores messages, all or none, unless their key was used: durable once `sync` has returned. `sent` is what retention
   * must not pass; `allow` throws where nothing may be stored.
   */
  publish(
    messages: TextMessage[],
    terms: PublishTerms,
    sent: number,
    allow: () => void = () => {},
  ): { stored: Stored; frames: Frame[] } {
    const known = this.find(terms)
    if (!known) {
      this.checkOpen('publish', terms.create)
      allow()
      return this.#append(messages, terms, sent)
    }
    if (known.hash !== terms.key?.hash)
      throw new SseError('idempotency-conflict', 'Cannot publish: the idempotency key was used for another message')
    // Who died before its sync has left it in the file all the same: it is answered once this process has synced too.
    // A row that is written as it was would not be written at all.
    if (!this.#hasSynced) this.#commitNow('publish', { key: { ...known, at: Math.max(Date.now(), known.at + 1) } })
    const { first, last, tag } = known
    return { stored: { first, last, tag, duplicate: true }, frames: [] }
  }

  /** Makes durable what was published. Throws `storage-unavailable`: then it is as if it had not been published. */
  sync(action = 'publish'): void {
    this.#attempt(action, () => this.#log.shared?.sync())
    this.#hasSynced = true
  }

  /** Moves the floor to the end of a frame. */
  letGo(floor: Cursor): void {
    const empties = floor.seq === this.#log.head.seq
    this.#commitNow('let go of events', { floor, emptied: empties ? Date.now() : undefined })
    if (empties) this.askForLook(() => REMEMBERED)
  }

  /**
   * Lets go of what is too old, and of the log itself when it was empty for long and is not `inUse`. Gives milliseconds
   * until it is worth looking again, `undefined` when there is nothing to look after.
   */
  tidy(sent: number, inUse: boolean): number | undefined {
    const log = this.#log
    if (!log.exists) return undefined
    const floor = floorByAge(log, this.#retention, sent, Date.now())
    if (floor) this.letGo(floor)
    const wait = nextLook(log, this.#retention, Date.now())
    if (log.emptied === undefined || wait > 0) return wait
    const deserted = this.deserted && !inUse
    this.deserted = !inUse
    // Who reads may be between two connections just now.
    if (!deserted) return inUse ? REMEMBERED : SECOND_LOOK
    this.#attempt('forget the room', () => log.drop())
    this.sync('forget the room')
    this.deserted = false
    return undefined
  }

  /** Milliseconds until `tidy` is due, `undefined` when there is nothing to look after. */
  get due(): number | undefined {
    return this.#log.exists ? nextLook(this.#log, this.#retention, Date.now()) : undefined
  }

  close(): void {
    this.#commitNow('close', { closed: true })
  }

  /** The run that was started under this key before. */
  findRun({ subject, key }: RunTerms): Run | undefined {
    if (!key) return undefined
    const known = [...this.#log.runs()].find((run) => run.key === key.name && run.subject === subject)
    if (known && known.hash !== key.hash)
      throw new SseError('idempotency-conflict', 'Cannot start: the idempotency key was used for another input')
    // As with a publish: what its process has not synced is answered once this one has.
    if (known && !this.#hasSynced)
      this.#commitNow('start', { run: { ...known, at: Math.max(Date.now(), known.at + 1) } })
    return known
  }

  startRun(run: Run): void {
    const emptied = this.#log.exists ? undefined : run.at
    this.#commitNow('start', { run, emptied })
    this.deserted = false
    if (emptied !== undefined) this.askForLook(() => REMEMBERED)
  }

  /** The last messages of a run, with how it ended, and the end of the room where that comes with it. */
  finishRun(messages: TextMessage[], run: Run, closed: boolean, sent: number): Frame[] {
    const { frames, floor, wasEmpty } = messages.length > 0 ? this.#frames(messages, sent) : NOTHING
    this.#commitNow('end the run', { frames, floor, run, ...(closed && { closed }) })
    if (wasEmpty) this.askForLook(() => nextLook(this.#log, this.#retention, run.at))
    return frames
  }

  /** Throws where a room must be there, and is not, or is closed. */
  checkOpen(action: string, create = true): void {
    if (!create && !this.#log.exists)
      throw new SseError('room-not-found', `Cannot ${action}: nothing was ever published to the room`)
    if (this.#log.closed) throw new SseError('room-closed', `Cannot ${action}: the room is closed`)
  }

  #append(messages: TextMessage[], { subject, key }: PublishTerms, sent: number): { stored: Stored; frames: Frame[] } {
    const log = this.#log
    const { frames, floor, wasEmpty } = this.#frames(messages, sent)
    const { first, tag, at } = frames[0] as Frame
    const { last } = frames.at(-1) as Frame
    const used = key && { subject, key: key.name, hash: key.hash, first, last, tag, at }
    this.#attempt('publish', () => log.commit({ frames, key: used, floor }))
    this.deserted = false
    if (wasEmpty) this.askForLook(() => nextLook(log, this.#retention, at))
    return { stored: { first, last, tag, duplicate: false }, frames }
  }

  /** Messages as they are stored, and the floor that they ask for. */
  #frames(messages: TextMessage[], sent: number): { frames: Frame[]; floor: Cursor | undefined; wasEmpty: boolean } {
    const log = this.#log
    const frames = makeFrames(messages, log.head.seq + 1)
    const { last } = frames.at(-1) as Frame
    const bytes = frames.reduce((sum, frame) => sum + frame.bytes, log.bytes)
    const floor = floorBySize(log, this.#retention, { head: last, bytes }, sent)
    return { frames, floor, wasEmpty: log.head.seq === log.floor.seq }
  }

  #commitNow(action: string, change: Commit): void {
    this.#attempt(action, () => this.#log.commit(change))
    this.sync(action)
  }

  #attempt(action: string, write: () => void): void {
    try {
      write()
    } catch (cause) {
      throw notWritten(action, cause)
    }
  }

  /** What was stored before is not undone by a reminder that fails: the next who wakes the room looks by itself. */
  askForLook(wait: () => number): void {
    try {
      this.#remind(wait())
    } catch (error) {
      logError('no-reminder', error)
    }
  }
}

const NOTHING = { frames: [], floor: undefined, wasEmpty: false }

export const notWritten = (action: string, cause: unknown): SseError =>
  new SseError('storage-unavailable', `Cannot ${action}: the log could not be written, nothing has changed`, { cause })
