/**
 * What one of many tabs has of a stream that they share: it hands out what it was told. One that has missed something, or
 * is too slow, reads on its own until it is where the others are.
 */
import { SseError } from '../errors.ts'
import type { ParsedMessage } from '../parse.ts'
import type { ConnectionOptions } from './connection-options.ts'
import type { ConnectionState } from './connection-state.ts'
import { type Heard, Inbox } from './inbox.ts'
import { isOwn } from './own-events.ts'
import { absolute } from './request.ts'
import { type Decode, StreamConnection } from './stream-connection.ts'
import { type Sharer, takeTurns } from './take-turns.ts'
import { unlessAborted } from './unless-aborted.ts'

export interface SharedOptions extends ConnectionOptions {
  name?: string | undefined
}

export class SharedConnection<Message> implements AsyncIterable<Message>, AsyncDisposable, Sharer {
  state: ConnectionState = { phase: 'connecting', attempt: 0 }
  /** Of the last message that was handed out in this tab. */
  lastEventId: string
  readonly inbox: Inbox = new Inbox()
  ended: { error?: unknown } | undefined
  readonly #url: URL
  readonly #options: SharedOptions
  readonly #decode: Decode<Message>
  /** Aborts when there is nothing more to lead to. */
  readonly #ends = new AbortController()
  /** Aborts when this tab is done, for whatever reason. */
  readonly #over = new AbortController()
  /** Ends the generator, once there is one. */
  #leave: (() => Promise<IteratorResult<Message, void>>) | undefined
  /** Resolves when this tab does not lead any more, nor ever will. */
  #turns: Promise<void> | undefined
  /** Reads for this tab alone, while it is behind. */
  #own: StreamConnection<ParsedMessage> | undefined
  #hasBegun = false
  #wake: () => void = () => {}

  constructor(url: string | URL, options: SharedOptions, decode: Decode<Message>) {
    this.#url = absolute(url)
    this.#options = options
    this.#decode = decode
    this.lastEventId = options.lastEventId ?? ''
  }

  [Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    if (this.#leave) throw new SseError('already-open', 'Cannot read: it was read')
    const messages = this.#read()
    const leave = messages.return.bind(messages)
    this.#leave = leave
    // As that of `connect`: a generator that waits is told only with the next message.
    messages.return = () => this.close().then(leave)
    return messages
  }

  async close(): Promise<void> {
    this.#finish()
    await this.#leave?.()
    this.tell({ phase: 'closed', attempt: 0 })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  tell({ phase, ...more }: ConnectionState, isAnswer?: boolean): void {
    const before = this.state.phase
    // Who leads anew connects; for a tab that has read it is the same stream.
    const state = { phase: phase === 'connecting' && before !== phase ? 'resuming' : phase, ...more }
    if (before === 'closed' || (isAnswer && `${Object.values(state)}` === `${Object.values(this.state)}`)) return
    this.state = state
    try {
      this.#options.onState?.(this.state)
    } catch (error) {
      void this.#own?.close()
      this.end({ error }) // Of this tab alone: one that leads gives its turn away.
    }
  }

  #finish(): void {
    this.#ends.abort()
    this.#over.abort()
    this.#wake()
  }

  async *#read(): AsyncGenerator<Message, void, undefined> {
    const inbox = this.inbox
    const { signal, name = this.#url.href } = this.#options
    signal?.addEventListener('abort', () => this.#finish(), { signal: this.#over.signal })
    if (signal?.aborted) this.#finish()
    try {
      if (this.#over.signal.aborted) return
      await new Promise<void>((resolve) => {
        this.#turns = takeTurns(name, this, this.#ends.signal, resolve)
      })
      while (!this.#over.signal.aborted) {
        if (inbox.isBehind) {
          if (yield* this.#catchUp()) break
          continue // By now it may be behind again.
        }
        const heard = inbox.take()
        if (heard) {
          const message = await this.#made(heard.block as ParsedMessage)
          yield this.#handOut(message, heard)
        } else if (this.ended) break
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
      }
      if (this.ended && 'error' in this.ended) throw this.ended.error
    } catch (error) {
      if (this.#over.signal.aborted) return
      this.tell({ phase: 'closed', attempt: 0, error })
      throw error
    } finally {
      this.#finish()
      await this.#turns
      this.tell({ phase: 'closed', attempt: 0 })
    }
  }

  /** Rejects once this tab is done, also where a validator never resolves. */
  #made(message: ParsedMessage): Promise<Message> {
    return unlessAborted((async () => this.#decode(message))(), this.#over.signal)
  }

  #handOut(message: Message, { block, cursor }: Pick<Heard, 'block' | 'cursor'>): Message {
    this.lastEventId = cursor
    this.#hasBegun ||= !isOwn(block.event)
    return message
  }

  /** `from` in the URL is for the first message alone. */
  mayResume(): boolean {
    return this.lastEventId !== '' || (!this.#hasBegun && this.#url.searchParams.has('from'))
  }

  open(
    lastEventId: string,
    signal: AbortSignal,
    onState = (_state: ConnectionState): void => {},
  ): StreamConnection<ParsedMessage> {
    return new StreamConnection(this.#url, { ...this.#options, lastEventId, signal, onState }, (message) => message)
  }

  look(isHere?: boolean): void {
    if (isHere && this.#own && this.inbox.meets(this.lastEventId)) {
      void this.#own.close()
      this.#own = undefined
    }
    this.#wake()
  }

  end(ended: { error?: unknown }): void {
    this.ended ??= ended
    this.#ends.abort()
    this.#wake()
  }

  /** Reads for this tab alone, until it meets the others; whether the server says before that there is no more. */
  async *#catchUp(): AsyncGenerator<Message, boolean, undefined> {
    const inbox = this.inbox
    if (!this.mayResume()) {
      if (this.#hasBegun) throw new SseError('buffer-limit', 'Cannot read on: it has no ids')
      inbox.isBehind = false // It begins with what waits.
      return false
    }
    const own = this.open(this.lastEventId, this.#over.signal)
    this.#own = own
    for await (const block of own) {
      const message = await this.#made(block)
      // The others have come to the message before it meanwhile, and tell this one too.
      if (this.#own !== own) return false
      this.#handOut(message, { block, cursor: own.lastEventId })
      this.look(true)
      yield message
    }
    return this.#own === own
  }
}
