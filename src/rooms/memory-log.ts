/** The log in this process. Frames stand in one array, in order; what is let go is cut off its front in bulk. */
import { type Cursor, ORIGIN } from './cursor.ts'
import type { Frame } from './frame.ts'
import { type Commit, KEY_AGE, KEY_COUNT, type Log, RUN_COUNT, type Span, type UsedKey } from './log.ts'
import type { Run } from './run.ts'

export class MemoryLog implements Log {
  exists = false
  head: Cursor = ORIGIN
  floor: Cursor = ORIGIN
  closed = false
  bytes = 0
  emptied: number | undefined
  readonly #frames: Frame[] = []
  /** Subject, then key, oldest first: a joined string could be forged by a subject that holds the separator. */
  readonly #keys = new Map<string, Map<string, UsedKey>>()
  readonly #byAge = new Set<UsedKey>()
  readonly #runs = new Map<string, Run>()

  commit({ frames = [], key, floor, emptied, closed, run }: Commit): void {
    this.exists = true
    for (const frame of frames) {
      this.#frames.push(frame)
      this.bytes += frame.bytes
      this.head = { seq: frame.last, tag: frame.tag }
      this.emptied = undefined
    }
    if (key) this.#remember(key)
    if (emptied !== undefined) this.#sweepKeys(emptied)
    if (floor) {
      for (const { bytes } of this.#frames.splice(0, this.#indexAfter(floor.seq))) this.bytes -= bytes
      this.floor = floor
    }
    if (emptied !== undefined) this.emptied = emptied
    if (closed) this.closed = true
    if (run) this.#keepRun(run)
  }

  drop(): void {
    this.exists = false
    this.head = ORIGIN
    this.floor = ORIGIN
    this.closed = false
    this.bytes = 0
    this.emptied = undefined
    this.#frames.length = 0
    this.#keys.clear()
    this.#byAge.clear()
    this.#runs.clear()
  }

  tagAt(seq: number): string | undefined {
    const frame = this.#frames[this.#indexAfter(seq - 1)]
    return frame && frame.first <= seq ? frame.tag : undefined
  }

  spans(): Iterable<Span> {
    return this.#frames
  }

  *framesAfter(seq: number): Generator<Frame, void, undefined> {
    for (let index = this.#indexAfter(seq); index < this.#frames.length; index++) yield this.#frames[index] as Frame
  }

  findKey(subject: string, key: string): UsedKey | undefined {
    return this.#keys.get(subject)?.get(key)
  }

  runs(): Iterable<Run> {
    return this.#runs.values()
  }

  #keepRun(run: Run): void {
    this.#runs.delete(run.id) // So that they stand in the order of their last change.
    this.#runs.set(run.id, run)
    for (const { id, state, at } of this.#runs.values()) {
      if (this.#runs.size <= RUN_COUNT && at >= run.at - KEY_AGE) break
      if (state !== 'running') this.#runs.delete(id)
    }
  }

  /** Index of the first frame that ends after `seq`, by bisection. */
  #indexAfter(seq: number): number {
    let low = 0
    let high = this.#frames.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#frames[middle] as Frame).last > seq) high = middle
      else low = middle + 1
    }
    return low
  }

  #remember(used: UsedKey): void {
    const ofSubject = this.#keys.get(used.subject) ?? new Map<string, UsedKey>()
    this.#keys.set(used.subject, ofSubject)
    ofSubject.set(used.key, used)
    this.#byAge.add(used)
    this.#sweepKeys(used.at)
  }

  #sweepKeys(now: number): void {
    for (const oldest of this.#byAge) {
      if (this.#byAge.size <= KEY_COUNT && oldest.at >= now - KEY_AGE) break
      this.#byAge.delete(oldest)
      const ofSubject = this.#keys.get(oldest.subject)
      if (ofSubject?.get(oldest.key) === oldest) ofSubject.delete(oldest.key)
      if (ofSubject?.size === 0) this.#keys.delete(oldest.subject)
    }
  }
}
