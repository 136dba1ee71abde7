/** A body as what stands in it, one thing after the other, in the order of the stream. */
import { BlockParser, isMessage, type ParsedMessage } from '../parse.ts'
import { type Patience, turn } from './expectation.ts'

export type Item = ParsedMessage | { comment: string } | { retry: number } | { lastEventId: string }

export type End = { how: 'ended' | 'left' } | { how: 'broke off'; error: unknown }

export interface ItemStreamOptions {
  /** The longest message or line held, in characters; with a longer one the stream breaks off. Defaults to 1 Mi. */
  maxLength?: number | undefined
}

const LF = 10
const CR = 13

/** Reads between two turns of the event loop: else a body that is always ready would let no timer fire. */
const TURN = 100

export class ItemStream {
  /** How it ended, once it has. What came before may still be there to be taken. */
  end: End | undefined
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #parser: BlockParser
  readonly #items: Item[] = []
  #reading: Promise<void> | undefined
  #reads = 0

  constructor(body: ReadableStream<Uint8Array>, { maxLength = 1_048_576 }: ItemStreamOptions = {}) {
    this.#reader = body.getReader()
    this.#parser = new BlockParser({
      maxLength,
      onComment: (comment) => void this.#items.push({ comment }),
      onRetry: (retry) => void this.#items.push({ retry }),
    })
  }

  /** The next item, undefined at the end. One that was given up is there for who asks next. */
  async next(patience: Patience): Promise<Item | undefined> {
    while (this.#items.length === 0 && !this.end) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined
      })
      await patience.wait(this.#reading)
    }
    return this.#items.shift()
  }

  async cancel(): Promise<void> {
    this.end ??= { how: 'left' }
    await this.#reader.cancel().catch(() => {}) // Where it has broken off there is nothing to leave.
  }

  #feed(bytes: Uint8Array): void {
    for (const block of this.#parser.feed(bytes)) {
      if (block.id !== undefined) this.#items.push({ lastEventId: block.id })
      if (isMessage(block)) this.#items.push(present(block))
    }
  }

  async #read(): Promise<void> {
    try {
      if (++this.#reads % TURN === 0) await turn()
      const { value, done } = await this.#reader.read()
      if (done) this.end ??= { how: 'ended' }
      else for (const line of linesOf(value)) this.#feed(line)
      if (!this.#parser.error) return
      this.end ??= { how: 'broke off', error: this.#parser.error }
      await this.#reader.cancel()
    } catch (error) {
      this.end ??= { how: 'broke off', error }
    }
  }
}

/** Each with its end: what is said of lines is said as a chunk is parsed, and so it stays in its place among the messages. */
function* linesOf(chunk: Uint8Array): Generator<Uint8Array> {
  let start = 0
  for (let at = 0; at < chunk.byteLength; at++) {
    if (chunk[at] !== LF && chunk[at] !== CR) continue
    yield chunk.subarray(start, at + 1)
    start = at + 1
  }
  yield chunk.subarray(start)
}

/** Without what is undefined: to some runners of tests that is a difference. */
const present = ({ data, event, id }: ParsedMessage): ParsedMessage => ({
  data,
  ...(event === undefined ? {} : { event }),
  ...(id === undefined ? {} : { id }),
})
