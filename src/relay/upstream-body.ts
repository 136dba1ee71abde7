/** The answer of a model as it comes over the wire, in pieces: nothing of it is passed on that is not whole. */
import { SseError } from '../errors.ts'
import { BlockParser } from '../parse.ts'
import { DONE } from './chunk.ts'
import type { Deadline } from './deadline.ts'

/** Characters of one line or event that are held. */
const LONGEST = 131_072
/** Characters of a whole answer: less than a room keeps. */
const LARGEST = 6_291_456
/** Milliseconds, and chunks, that may come after its end. */
const REST = { wait: 500, chunks: 16 }

/** Not a generator: for each token one more of those would cost as much as the token. */
export class UpstreamBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #deadline: Deadline
  readonly #parser = new BlockParser({ maxLength: LONGEST })
  #length = 0
  #done = false
  /** Said once what came before it was given. */
  #failure: SseError | undefined

  constructor(body: ReadableStream<Uint8Array>, deadline: Deadline) {
    this.#reader = body.getReader()
    this.#deadline = deadline
    // A body that is no response, as that of a binding, knows nothing of the signal.
    deadline.signal.addEventListener('abort', () => this.#cancel(), { once: true })
  }

  /**
   * The data of the events that came, in order; undefined after `[DONE]`, which is the only good end, and where nobody wants the
   * answer any more. Rejects with `upstream-timeout`, `-reset`, `-incomplete`, `-too-large`, `-failed`.
   */
  async read(): Promise<string[] | undefined> {
    while (!this.#done && !this.#failure) {
      const chunk = await this.#next()
      if (!chunk) return this.#ended()
      this.#deadline.heard()
      const texts = this.#textsIn(chunk)
      if (texts.length > 0) return texts
    }
    if (this.#failure) throw this.#failure
    return undefined
  }

  /** Whoever is done with it, for whatever reason. */
  leave(): void {
    if (this.#done) void this.#readOut()
    else this.#cancel()
  }

  /** Not waited for: it may be what hangs, and a connection that broke off has nothing to cancel. What is being read ends with it. */
  #cancel(): void {
    this.#reader.cancel().catch(() => {})
  }

  async #next(): Promise<Uint8Array | undefined> {
    const { signal, reason } = this.#deadline
    if (signal.aborted) return undefined
    try {
      return (await this.#reader.read()).value
    } catch (cause) {
      if (signal.aborted) return undefined
      throw reason ?? new SseError('upstream-reset', 'Cannot answer: the connection to the model broke off', { cause })
    }
  }

  #ended(): undefined {
    const { signal, reason } = this.#deadline
    if (reason) throw reason
    if (signal.aborted) return undefined
    // Some end with the line, and not with the blank one after it.
    this.#textsIn(END_OF_LINE)
    if (!this.#done)
      throw new SseError('upstream-incomplete', 'Cannot answer: the model stopped before its answer was complete')
  }

  #textsIn(chunk: Uint8Array): string[] {
    const texts: string[] = []
    for (const { data, event } of this.#parser.feed(chunk)) {
      if (data === undefined) continue
      if (data === DONE) {
        this.#done = true
        break
      }
      this.#length += data.length
      if (this.#length > LARGEST) this.#failure = tooLarge('the answer is longer than 6 MiB')
      else if (event === 'error')
        this.#failure = new SseError('upstream-failed', 'Cannot answer: the model has failed', { cause: data })
      if (this.#failure) break
      if (data !== '') texts.push(data)
    }
    const { error } = this.#parser
    if (error && !this.#done) this.#failure ??= tooLarge('a piece of the answer is longer than 128 KiB', error)
    return texts
  }

  /** What comes after the end: mostly nothing, and then the connection is good for the next answer. A cancelled one is not. */
  async #readOut(): Promise<void> {
    const reader = this.#reader
    const impatient = setTimeout(() => this.#cancel(), REST.wait)
    try {
      for (let chunks = 0; chunks < REST.chunks; chunks++) if ((await reader.read()).done) return
      await reader.cancel()
    } catch {
      // Nobody needs it any more.
    } finally {
      clearTimeout(impatient)
    }
  }
}

const END_OF_LINE = new TextEncoder().encode('\n\n')

const tooLarge = (state: string, cause?: unknown): SseError =>
  new SseError('upstream-too-large', `Cannot answer: ${state}`, { cause })
