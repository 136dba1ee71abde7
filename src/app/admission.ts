/** How many streams this process takes on, and from whom: asked before anything is made for one. */
import { SseError } from '../errors.ts'

export interface AdmissionLimits {
  /** Streams of this process. Defaults to 100,000; to 4,000 in a Worker's isolate, which has 128 MB for all of them. */
  streams?: number | undefined
  /** Streams of one client address. Defaults to 1,000. */
  streamsPerAddress?: number | undefined
  /** Streams of one subject; where everybody is the same (`''`) it does not count. Defaults to 100. */
  streamsPerSubject?: number | undefined
  /** Bytes that this process may use before it takes no more streams. Defaults to no limit. */
  memory?: number | undefined
}

/** What is asked besides, where one process does not see all: false when there were too many of a key just now. */
export type Rate = (key: string) => Promise<boolean>

export interface AdmissionOptions extends AdmissionLimits {
  /** Bytes that this process uses. */
  usedMemory?: (() => number) | undefined
  /** How often streams may be opened, by address and by subject. */
  rate?: Rate | undefined
}

/** A place for one stream. */
export interface Place {
  /** Counts for a subject too. Throws `too-many-connections`, and the place is still to be left. */
  belongsTo(subject: string): Promise<void>
  /** Idempotent. */
  leave(): void
}

/** Milliseconds for which a look at the memory is good. */
const FRESH = 250

/** Those who need no right are counted apart, so that they cannot take the places of those who have one. */
export type Who = 'anyone' | 'granted'

/** What anyone may have of what those with a right may. */
const SHARE = 0.25

export class Admission {
  readonly #options: AdmissionOptions
  readonly #counts: Record<Who, { streams: number; byAddress: Map<string, number> }> = {
    anyone: { streams: 0, byAddress: new Map() },
    granted: { streams: 0, byAddress: new Map() },
  }
  readonly #bySubject = new Map<string, number>()
  #used = { bytes: 0, at: Number.NEGATIVE_INFINITY }

  constructor(options: AdmissionOptions = {}) {
    this.#options = options
  }

  /** Throws `overloaded` or `too-many-connections`. */
  async admit(address: string | undefined, who: Who): Promise<Place> {
    const { streams = 100_000, streamsPerAddress = 1_000, streamsPerSubject = 100 } = this.#options
    const share = who === 'anyone' ? SHARE : 1
    const counts = this.#counts[who]
    if (counts.streams >= Math.ceil(streams * share)) throw overloaded('streams')
    if (this.#isFull()) throw overloaded('memory')
    counts.streams++
    const taken: (() => void)[] = [() => counts.streams--]
    let left = false
    const leave = (): void => {
      left = true
      for (const giveBack of taken.splice(0)) giveBack()
    }
    try {
      const most = Math.ceil(streamsPerAddress * share)
      if (address) taken.push(await this.#take(counts.byAddress, 'streams-per-address', address, most))
    } catch (error) {
      leave()
      throw error
    }
    const belongsTo = async (subject: string): Promise<void> => {
      if (subject) taken.push(await this.#take(this.#bySubject, 'streams-per-subject', subject, streamsPerSubject))
      if (left) leave() // Its reader did not wait for that.
    }
    return { belongsTo, leave }
  }

  async #take(counts: Map<string, number>, limit: string, key: string, most: number): Promise<() => void> {
    const count = counts.get(key) ?? 0
    if (count >= most) throw tooMany(limit)
    counts.set(key, count + 1)
    const giveBack = (): void => {
      const left = (counts.get(key) ?? 1) - 1
      if (left > 0) counts.set(key, left)
      else counts.delete(key)
    }
    const { rate } = this.#options
    if (!rate || (await rate(`${limit} ${key}`))) return giveBack
    giveBack()
    throw tooMany(limit)
  }

  #isFull(): boolean {
    const { memory, usedMemory } = this.#options
    if (memory === undefined || !usedMemory) return false
    const now = performance.now()
    if (now - this.#used.at >= FRESH) this.#used = { bytes: usedMemory(), at: now }
    return this.#used.bytes >= memory
  }
}

const overloaded = (field: string): SseError =>
  new SseError('overloaded', 'Cannot open stream: this server has as many as it can serve', { field })

const tooMany = (field: string): SseError => {
  const whose = field === 'streams-per-address' ? 'address' : 'subject'
  return new SseError('too-many-connections', `Cannot open stream: its ${whose} has as many as one may have`, { field })
}
