/** A BroadcastChannel whose words to one tab may be held back, as those to a tab that is slow to wake, or lost. */
type Words = MessageEvent<{ heard?: { block: { event?: string } } }>

const Real = globalThis.BroadcastChannel

export class HeldChannel {
  /** The one that was opened last. */
  static last: HeldChannel
  onmessage: ((event: Words) => void) | null = null
  /** Messages that have come here, but for what edge-sse says itself. */
  told = 0
  readonly #real: BroadcastChannel
  #waiting: Words[] | undefined
  #toLose = 0

  constructor(name: string) {
    this.#real = new Real(name)
    this.#real.onmessage = (event: Words) => {
      const { heard } = event.data
      const isMessage = heard !== undefined && heard.block.event === undefined
      if (isMessage) this.told++
      if (isMessage && this.#toLose > 0) this.#toLose--
      else if (this.#waiting) this.#waiting.push(event)
      else this.onmessage?.(event)
    }
    HeldChannel.last = this
  }

  postMessage(word: unknown): void {
    this.#real.postMessage(word)
  }

  close(): void {
    this.#waiting = undefined
    this.onmessage = null
    this.#real.close()
  }

  hold(): void {
    this.#waiting ??= []
  }

  release(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const event of waiting) this.onmessage?.(event)
  }

  /** So many messages that are told from now on never come. */
  lose(count: number): void {
    this.#toLose = count
  }
}

Object.assign(globalThis, { BroadcastChannel: HeldChannel })
