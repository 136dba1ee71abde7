/** A producer at work: what it yields goes into its room, the first message at once, then in small batches. */
import { SseError } from '../errors.ts'
import { sleep } from '../interval.ts'
import { logError } from '../log-line.ts'
import { forEach } from '../source.ts'
import type { TextMessage } from './frame.ts'
import type { Work } from './producer.ts'
import { checkMessage } from './publish.ts'
import type { NewMessage } from './room.ts'
import { ENDINGS, type Ending, lastWord, type Run } from './run.ts'

/** What a run needs of its room. */
export interface RunRoom {
  readonly subscribers: number
  /** Resolves when they are stored and were sent. */
  publish(messages: TextMessage[]): Promise<unknown>
  /** The last messages of a run, stored together with how it ended. */
  finish(messages: TextMessage[], run: Run): void
}

/** Milliseconds, and characters, after which what was yielded is stored and sent. */
const BATCH = { wait: 50, size: 4_096 }
/** Milliseconds in which somebody has to come, where nobody else would stop it. */
const NOBODY_CAME = 10_000
/** Milliseconds for which a log that cannot be written takes no message before the work has failed, and pauses between. */
const RETRY = { within: 30_000, first: 100, most: 5_000 }

export class ActiveRun {
  readonly run: Run
  /** Settles when its end is stored, however long that takes, or its log was closed. It never rejects. */
  readonly ended: Promise<void>
  readonly #room: RunRoom
  readonly #stop = new AbortController()
  /** How it was ended, where that was not by itself. */
  #ending: Ending | undefined
  #buffer: TextMessage[] = []
  #size = 0
  #begun = false
  /** It has said its last: whoever stops it comes too late. */
  #over = false
  /** What it failed of. */
  #cause: unknown
  #abandoned = false
  #timer: ReturnType<typeof setTimeout> | undefined
  /** One write after the other, in the order of what they write. */
  #writing: Promise<void> = Promise.resolve()

  /** `longest`: milliseconds it may last. */
  constructor(run: Run, room: RunRoom, work: Work, longest: number) {
    this.run = run
    this.#room = room
    const timers = [
      ...(longest < Number.POSITIVE_INFINITY ? [setTimeout(() => this.stop('timeout'), longest)] : []),
      ...(run.whenEmpty === 'cancel' ? [setTimeout(() => room.subscribers === 0 && this.stop(), NOBODY_CAME)] : []),
    ]
    this.ended = Promise.resolve()
      .then(() => this.#work(work))
      .then((ending) => this.#finish(ending))
      .catch((cause) => logError('run-not-ended', cause))
      .finally(() => timers.forEach(clearTimeout))
  }

  /** What it yields from now on is not taken. */
  stop(ending: Ending = 'stopped'): void {
    if (this.#over || this.#ending) return
    this.#ending = ending
    this.#stop.abort()
  }

  /** Its log is closed: what it was doing ends, and whoever opens that again says so. */
  abandon(): void {
    this.#abandoned = true
    this.stop('lost')
  }

  /** Gives how it ended, undefined where it did so by itself. */
  async #work(work: Work): Promise<Ending | undefined> {
    const { signal } = this.#stop
    let taking = false
    /** What is wrong with a message is the producer's own mistake, and no reader's concern. */
    const take = async (message: NewMessage, last = false): Promise<true> => {
      taking = true
      const checked = checkMessage(message)
      await (last ? this.#takeLast(checked) : this.#take(checked))
      taking = false
      return true
    }
    try {
      await forEach(work({ signal, run: this.run.id }), signal, take, async (message) => {
        await take(message, true)
      })
    } catch (cause) {
      if (!taking && !this.#ending) this.#cause = cause
      this.#failed(cause)
    }
    return this.#ending
  }

  /** What its producer has begun elsewhere, and may still wait for, ends with it. */
  #failed(cause: unknown): void {
    if (this.#ending) return
    logError('producer-failed', cause)
    this.stop('failed')
  }

  async #take(message: TextMessage): Promise<void> {
    const size = message.data.length
    // One that is too large to be stored must not take others with it.
    if (size >= BATCH.size) await this.#write()
    this.#buffer.push(message)
    this.#size += size
    if (this.#begun && this.#size < BATCH.size)
      this.#timer ??= setTimeout(() => this.#write().catch((cause) => this.#failed(cause)), BATCH.wait)
    else await this.#write()
    this.#begun = true
  }

  /** A small one waits for the end, to be stored with it: whoever reads it finds the run ended. */
  async #takeLast(message: TextMessage): Promise<void> {
    if (message.data.length >= BATCH.size) return this.#take(message)
    this.#over = true
    this.#buffer.push(message)
  }

  /** Stores and sends what was yielded. Waits for what is written before it; rejects like that. */
  #write(): Promise<void> {
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(async () => {
      const messages = this.#taken()
      if (messages.length > 0) await this.#retrying(() => this.#room.publish(messages), RETRY.within)
    })
    return this.#writing
  }

  #taken(): TextMessage[] {
    this.#size = 0
    return this.#buffer.splice(0)
  }

  async #finish(ending: Ending | undefined): Promise<void> {
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    const stored = await this.#writing.then(
      () => true,
      () => false,
    )
    const how = stored ? ending : (ending ?? 'failed')
    // What comes after something that could not be stored would hide that it is missing.
    const said = stored ? this.#taken() : []
    const last = how ? [...said, lastWord(this.run.id, how, this.#cause)] : said
    const state = how ? ENDINGS[how].state : 'done'
    await this.#retrying(async () => this.#room.finish(last, { ...this.run, state, at: Date.now() }))
  }

  async #retrying(write: () => Promise<unknown>, within = Number.POSITIVE_INFINITY): Promise<void> {
    const deadline = performance.now() + within
    for (let pause = RETRY.first; !this.#abandoned; pause = Math.min(2 * pause, RETRY.most)) {
      try {
        await write()
        return
      } catch (error) {
        const unavailable = error instanceof SseError && error.code === 'storage-unavailable'
        if (!unavailable || performance.now() + pause > deadline) throw error
        await sleep(pause)
      }
    }
  }
}
