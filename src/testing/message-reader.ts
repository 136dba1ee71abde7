/** A stream as its reader sees it, in steps that say what they expect. */
import { END_ID } from '../message.ts'
import type { ParsedMessage } from '../parse.ts'
import { checkExpected, type ExpectedMessage, matches } from './matches.ts'
import { type MessageReaderOptions, MOST, Steps } from './steps.ts'
import { told } from './told.ts'

/**
 * Reads a stream step by step; `readMessages` and `openMessages` make one. A step waits for what it expects, for at most
 * `timeout`, and throws an `ExpectationError` that says what came in its place. Comments are passed over, and kept. What a
 * step has not asked for is not read, but for what is in the same chunk; one reads 10,000 messages and comments at most.
 */
export class MessageReader implements AsyncIterable<ParsedMessage>, AsyncDisposable {
  readonly #steps: Steps

  constructor(body: ReadableStream<Uint8Array>, options: MessageReaderOptions = {}) {
    this.#steps = new Steps(body, options)
  }

  /** The id that is in force where the reader is: what `EventSource` sends back as `Last-Event-ID`. `''` before any. */
  get lastEventId(): string {
    return this.#steps.lastEventId
  }

  /** The last `retry:` so far, in milliseconds. */
  get retry(): number | undefined {
    return this.#steps.retry
  }

  /** Comments so far, the newest 1,000. */
  get comments(): readonly string[] {
    return this.#steps.comments
  }

  /** The next message. */
  async next(): Promise<ParsedMessage> {
    const [message] = await this.take(1)
    return message as ParsedMessage
  }

  /** The next messages, as many as asked for. */
  take(count: number): Promise<ParsedMessage[]> {
    const what = count === 1 ? 'a message' : `${count} messages`
    return this.#steps.run(
      what,
      async (next) => {
        const messages: ParsedMessage[] = []
        while (messages.length < count) messages.push((await next()) ?? this.#steps.ended(what))
        return messages
      },
      MOST + count,
    )
  }

  /** The next messages up to and with the first that has this name, fits this message, or is what this function wants. */
  until(wanted: string | ExpectedMessage | ((message: ParsedMessage) => boolean)): Promise<ParsedMessage[]> {
    const expected = typeof wanted === 'string' ? { event: wanted } : wanted
    if (typeof expected === 'object') checkExpected(expected)
    const isLast = typeof expected === 'function' ? expected : (message: ParsedMessage) => matches(expected, message)
    const what = typeof expected === 'function' ? 'on to the message that is looked for' : `on to ${told(expected)}`
    return this.#steps.run(what, async (next) => {
      const messages: ParsedMessage[] = []
      for (;;) {
        const message = (await next()) ?? this.#steps.ended(what, expected)
        messages.push(message)
        if (isLast(message)) return messages
      }
    })
  }

  /** All messages up to the end of the stream. */
  rest(): Promise<ParsedMessage[]> {
    return this.#steps.run('to the end', async (next) => {
      const messages: ParsedMessage[] = []
      for (let message = await next(); message; message = await next()) messages.push(message)
      return messages
    })
  }

  /** The next message, which has to fit. */
  expect(expected: ExpectedMessage): Promise<ParsedMessage> {
    checkExpected(expected)
    const what = told(expected)
    return this.#steps.run(what, async (next) => {
      const message = (await next()) ?? this.#steps.ended(what, expected)
      return matches(expected, message) ? message : this.#steps.other(what, message, expected)
    })
  }

  /** The next comment, which has to be this text or fit this pattern; a message before it is one too many. */
  expectComment(expected: string | RegExp): Promise<string> {
    const what = `the comment ${told(expected)}`
    return this.#steps.run(what, async (next) => {
      const item = (await next('comment')) ?? this.#steps.ended(what, expected)
      if (typeof item !== 'string') return this.#steps.other(what, item, expected)
      const fits = typeof expected === 'string' ? item === expected : item.search(expected) >= 0
      return fits ? item : this.#steps.other(what, item, expected)
    })
  }

  /**
   * The end of the stream: no further message, and not broken off. edge-sse's own `stream.end` is part of the end: what it
   * says is given, `reconnect: false` to a reader that is not to come back.
   */
  expectEnd(): Promise<{ reconnect: boolean } | undefined> {
    const what = 'the end'
    return this.#steps.run(what, async (next) => {
      const message = await next()
      if (!message) return undefined
      const more = message.event === 'stream.end' ? await next() : message
      return more ? this.#steps.other(what, more) : { reconnect: message.id !== END_ID }
    })
  }

  /** That the stream breaks off, without a further message; gives what it broke off with. */
  expectCut(): Promise<unknown> {
    const what = 'on to where it is cut'
    return this.#steps.run(what, async (next) => {
      const message = await next().catch((error: unknown) => {
        if (this.#steps.items.end?.how !== 'broke off') throw error
      })
      const { end } = this.#steps.items
      if (message) return this.#steps.other(what, message)
      return end?.how === 'broke off' ? end.error : this.#steps.ended(what)
    })
  }

  /** Leaves, as a reader that closes its tab. What waits gets to the end. */
  cancel(): Promise<void> {
    return this.#steps.items.cancel()
  }

  /** The messages to come. Leaving the loop leaves the stream. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ParsedMessage, void, undefined> {
    try {
      for (;;) {
        const message = await this.#steps.run('on', (next) => next())
        if (!message) return
        yield message
      }
    } finally {
      await this.cancel()
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cancel()
  }
}
