/** A reader of a room: what users have in `edge-sse/testing`, with the words that tests of rooms use, and all that came. */
import { createParser } from 'eventsource-parser'
import type { ParsedMessage as Read } from '../../src/parse.ts'
import { withBody } from '../../src/testing/body.ts'
import { MessageReader } from '../../src/testing.ts'

export type { Read }

/** Milliseconds: sooner than a test is given up, so that it says what it misses. */
const PATIENCE = 15_000

export class StreamReader extends MessageReader {
  readonly #kept: { text: string }

  constructor(response: Response) {
    const kept = { text: '' }
    const decoder = new TextDecoder()
    const { status, body } = withBody(response, ({ next, left }) => ({
      async next() {
        const chunk = await next()
        kept.text += decoder.decode(chunk, { stream: true })
        return chunk
      },
      left,
    }))
    if (status !== 200 || !body) throw new Error(`Not a stream: ${status}`)
    super(body, { timeout: PATIENCE })
    this.#kept = kept
  }

  /** All text that came so far. */
  get text(): string {
    return this.#kept.text
  }

  /** Everything that came whole, be it read or not. */
  complete(): Read[] {
    const messages: Read[] = []
    createParser({ onEvent: (message) => void messages.push(message) }).feed(this.text)
    return messages
  }

  untilLive(): Promise<Read[]> {
    return this.until('stream.live')
  }

  /** Ids up to stream.live, its own last. */
  async idsUntilLive(): Promise<string[]> {
    return (await this.untilLive()).flatMap(({ id }) => (id === undefined ? [] : [id]))
  }

  /** Ids of the next events of the room; what the stream says of itself is passed over. */
  async events(count: number): Promise<string[]> {
    const ids: string[] = []
    while (ids.length < count) {
      const { id, event } = await this.next()
      if (id !== undefined && !event?.startsWith('stream.')) ids.push(id)
    }
    return ids
  }

  /** The rest of a stream that ends. */
  all(): Promise<Read[]> {
    return this.rest()
  }

  leave(): Promise<void> {
    return this.cancel()
  }
}
