/**
 * The tabs that share something: whose turn it is to lead, and what they tell each other.
 * https://w3c.github.io/web-locks/ https://html.spec.whatwg.org/multipage/web-messaging.html#broadcasting-to-other-browsing-contexts
 */
import type { Word } from './tab-words.ts'

/**
 * Part of the name of their channel and their lock: a page that is still open from before a deploy, and may speak and
 * understand other words, shares with its like.
 */
export const WORDS_VERSION = 2
/** Milliseconds in which tabs say where they are, unless they are asleep. */
const TABS_PATIENCE = 500
/** And in which who leads answers. It is asked twice: who was asleep itself hears its own clock before any answer. */
const LEADER_PATIENCE = 1_500
/** And for which who leads may say nothing before it is asked whether it is still there. */
const QUIET = 5_000

interface Locks {
  request(name: string, options: object, work: (lock: object | null) => unknown): Promise<unknown>
  query(): Promise<{ pending: readonly { name: string }[] }>
}

interface Channel {
  onmessage: ((event: { data: Word }) => void) | null
  postMessage(word: Word): void
  close(): void
}

const { navigator, BroadcastChannel, document } = globalThis as {
  navigator?: { locks?: Locks }
  BroadcastChannel?: new (name: string) => Channel
  document?: EventTarget & { hidden: boolean }
}

export class Tabs {
  /** Whether tabs can share here. */
  static readonly areThere: boolean = Boolean(BroadcastChannel && navigator?.locks)
  readonly #name: string
  readonly #locks: Locks = navigator?.locks as Locks
  readonly #channel: Channel
  #isClosed = false
  #isLed = false
  /** Takes an answer, while they are waited for. */
  #onHere: (cursor?: string) => void = () => {}

  constructor(name: string, onWord: (word: Word) => void) {
    this.#name = `edge-sse:${WORDS_VERSION}:${name}`
    this.#channel = new (BroadcastChannel as new (name: string) => Channel)(this.#name)
    this.#channel.onmessage = ({ data: word }) => {
      if (word.here !== undefined) this.#onHere(word.here)
      this.#isLed ||= !word.hello
      onWord(word)
    }
  }

  say(word: Word): void {
    try {
      this.#channel.postMessage(word)
    } catch {
      // It is closed; or, in Deno (2.9), the one before it in this process was just now: all others were told.
    }
  }

  close(): void {
    this.#isClosed = true
    this.#channel.close()
    this.#onHere()
  }

  /**
   * Runs `lead` whenever it is this tab's turn, until `signal` aborts; that of `lead` also does where its turn was taken.
   * Calls `began` whenever it is known whether it is.
   */
  async compete(
    signal: AbortSignal,
    lead: (signal: AbortSignal) => Promise<void>,
    began: (isMine: boolean) => void,
  ): Promise<void> {
    for (let isFirst = true, takes = false; !signal.aborted; isFirst = false) {
      const over = new AbortController()
      const asleep = new AbortController()
      const waits = !isFirst && !takes
      const ungreet = waits ? this.#greet(() => asleep.abort()) : undefined
      const turn = waits
        ? { signal: AbortSignal.any([signal, asleep.signal]) }
        : { [takes ? 'steal' : 'ifAvailable']: true }
      const mine = AbortSignal.any([signal, over.signal])
      await this.#locks
        .request(this.#name, turn, (lock) => {
          ungreet?.()
          began(!!lock)
          if (lock && !signal.aborted) return lead(mine)
        })
        .catch((error) => {
          // It was given up to take it, or taken from here.
          if (error?.name === 'AbortError') return began(false)
          // A page may have no lock, as one whose origin is opaque: it is alone, and hears nobody who may be so beside it.
          this.close()
          began(true)
          return lead(mine)
        })
      ungreet?.()
      over.abort()
      takes = asleep.signal.aborted
    }
  }

  /**
   * Asks who leads for a word: now, when this tab is looked at again, and when it is looked at and has heard nothing for a
   * while. A browser may have put that tab to sleep, or it hangs.
   */
  #greet(onSilence: () => void): () => void {
    let timer: ReturnType<typeof setTimeout> | number = 0
    const ask = (unanswered: number): void => {
      if (unanswered > 1) return onSilence()
      if (unanswered >= 0) this.say({ hello: true })
      this.#isLed = false
      if (document?.hidden) return
      timer = setTimeout(() => ask(this.#isLed ? -1 : unanswered + 1), unanswered < 0 ? QUIET : LEADER_PATIENCE)
    }
    const look = (): void => {
      clearTimeout(timer as number)
      ask(0)
    }
    look()
    document?.addEventListener('visibilitychange', look)
    return () => {
      clearTimeout(timer as number)
      document?.removeEventListener('visibilitychange', look)
    }
  }

  /** Asks the other tabs for their cursors, and tells them something. Those that do not answer soon are asleep. */
  async ask(word: Word = {}): Promise<string[]> {
    const { pending } = await this.#locks.query().catch(() => ({ pending: [] }))
    const others = pending.filter(({ name }) => name === this.#name).length
    const here: string[] = []
    this.say({ ...word, who: true })
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, TABS_PATIENCE)
      this.#onHere = (cursor) => {
        if (cursor !== undefined) here.push(cursor)
        if (here.length < others && !this.#isClosed) return
        clearTimeout(timer)
        resolve()
      }
      this.#onHere()
    })
    return here
  }
}
