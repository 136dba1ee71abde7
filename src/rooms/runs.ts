/** The runs of one room: those at work, and what becomes of those whose work broke off with their process. */
import { SseError } from '../errors.ts'
import { sleep } from '../interval.ts'
import { logError } from '../log-line.ts'
import { ActiveRun, type RunRoom } from './active-run.ts'
import type { Log } from './log.ts'
import type { LogKeeper } from './log-keeper.ts'
import type { Work } from './producer.ts'
import type { Started } from './room.ts'
import { type Ending, lastWord, type Run, type RunTerms } from './run.ts'

/** Milliseconds that a reader counts for whose connection broke off: it may be on its way back. */
const BROKE_OFF = 5_000

/** Milliseconds that whoever stops one waits for its end. */
const PATIENCE = 30_000
/** Runs at work in one room, and seconds after which who found so many may try again. */
const MOST = 16
const COME_BACK = 5

export class Runs {
  readonly #log: Log
  readonly #keeper: LogKeeper
  readonly #room: RunRoom
  readonly #longest: number
  readonly #allow: (subject: string) => void
  readonly #active = new Map<string, ActiveRun>()
  #leaving: ReturnType<typeof setTimeout> | undefined

  /** `allow` is asked where work would begin. */
  constructor(
    log: Log,
    keeper: LogKeeper,
    room: RunRoom,
    { longest, allow }: { longest: number; allow: (subject: string) => void },
  ) {
    this.#log = log
    this.#keeper = keeper
    this.#room = room
    this.#longest = longest
    this.#allow = allow
  }

  /** How many are at work. */
  get count(): number {
    return this.#active.size
  }

  /** Starts work, unless its key was used: then it gives the run that was started with it. */
  start(terms: RunTerms, work: Work): Started {
    const known = this.#keeper.findRun(terms)
    if (known) return { run: known.id, duplicate: true }
    this.#keeper.checkOpen('start', terms.create)
    if (this.#active.size >= MOST)
      throw new SseError('rate-limited', 'Cannot start: as much is at work in this room as it takes', {
        field: 'runs',
        retryAfter: COME_BACK,
      })
    this.#allow(terms.subject)
    const { producer, subject, key, whenEmpty, then } = terms
    const stored = { key: key?.name ?? null, hash: key?.hash ?? null, state: 'running', at: Date.now() } as const
    const run: Run = { id: crypto.randomUUID(), producer, subject, whenEmpty, then, ...stored }
    this.#keeper.startRun(run)
    const active = new ActiveRun(run, this.#room, work, this.#longest)
    this.#active.set(run.id, active)
    void active.ended.then(() => this.#active.delete(run.id))
    return { run: run.id, duplicate: false }
  }

  /**
   * Resolves when its end is stored; for one that has ended before, at once. Rejects with `not-found`, and with
   * `storage-unavailable` where its work has ended and that cannot be stored for 30 s.
   */
  async stop(id: string): Promise<void> {
    const active = this.#active.get(id)
    if (!active) {
      if (![...this.#log.runs()].some((run) => run.id === id))
        throw new SseError('not-found', 'Cannot stop: there is no such run')
      return this.bury()
    }
    active.stop()
    const waiting = new AbortController()
    await Promise.race([active.ended, sleep(PATIENCE, waiting.signal)])
    waiting.abort()
    if (this.#active.has(id))
      throw new SseError('storage-unavailable', 'Cannot stop: the work has ended, and the log could not be written yet')
  }

  /** All that are at work. */
  stopAll(ending?: Ending): void {
    for (const active of this.#active.values()) active.stop(ending)
  }

  /** The log is closed: see `ActiveRun`. */
  abandon(): void {
    for (const active of this.#active.values()) active.abandon()
  }

  /** Settles when a run has ended. */
  ended(id: string): Promise<void> {
    return this.#active.get(id)?.ended ?? Promise.resolve()
  }

  /** The number of subscribers has changed. `broke`: the one that left may be on its way back. */
  audience(broke = false): void {
    if (this.#leaving !== undefined) clearTimeout(this.#leaving)
    if (this.#active.size === 0 || this.#room.subscribers > 0) return
    if (broke) this.#leaving = setTimeout(() => this.audience(), BROKE_OFF)
    else for (const active of this.#active.values()) if (active.run.whenEmpty === 'cancel') active.stop()
  }

  /** Ends those that are said to be at work, and that nobody works on: their process has gone. */
  bury(): void {
    if (!this.#log.exists) return
    try {
      for (const run of [...this.#log.runs()])
        if (run.state === 'running' && !this.#active.has(run.id))
          this.#room.finish([lastWord(run.id, 'lost')], { ...run, state: 'failed', at: Date.now() })
    } catch (error) {
      // The log cannot be written just now: whoever comes next tries again.
      logError('run-not-ended', error)
    }
  }
}
