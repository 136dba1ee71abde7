/**
 * The reader behind `connect`: one stream made of many responses. It reads on when the next message is asked for, so that
 * a slow consumer holds back the server, and what waits here is what a piece of 64 KiB held.
 */
import { SseError } from '../errors.ts'
import type { Block, ParsedMessage } from '../parse.ts'
import { Attempt } from './attempt.ts'
import { backOff } from './back-off.ts'
import type { ConnectionOptions } from './connection-options.ts'
import type { ConnectionState } from './connection-state.ts'
import { HandedOut } from './handed-out.ts'
import { jsonOrText } from './json-or-text.ts'
import { isOwn } from './own-events.ts'
import { isOffline, pause } from './pause.ts'
import { absolute, methodOf, toDial } from './request.ts'
import { Retryable } from './retryable.ts'
import { unlessAborted } from './unless-aborted.ts'

/** What a message becomes for whoever reads them. */
type Made<Message> = Message | Promise<Message>
export type Decode<Message> = (message: ParsedMessage) => Made<Message>

export class StreamConnection<Message> implements AsyncIterable<Message>, AsyncDisposable {
  /** Of the last message that was handed out; until then of the options. */
  lastEventId: string
  readonly url: URL
  state: ConnectionState = { phase: 'connecting', attempt: 0 }
  readonly #options: ConnectionOptions
  readonly #decode: Decode<Message>
  readonly #closing = new AbortController()
  #handedOut = new HandedOut()
  /** Ends the generator, once there is one. */
  #leave: (() => Promise<IteratorResult<Message, void>>) | undefined
  /** In a row. */
  #failures = 0
  /** What is here, the last one first. */
  #blocks: Block[] = []

  /** Throws a `TypeError` for what is no URL. */
  constructor(url: string | URL, options: ConnectionOptions, decode: Decode<Message>) {
    this.url = absolute(url)
    this.#options = options
    this.#decode = decode
    this.lastEventId = options.lastEventId ?? ''
  }

  [Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    if (this.#leave) throw new SseError('already-open', 'Cannot read: it was read')
    const messages = this.#read()
    const more = messages.next.bind(messages)
    const leave = messages.return.bind(messages)
    this.#leave = leave
    let waiting = 0
    messages.next = () => {
      try {
        // What is here is handed out at once: a generator would wait three turns for each message.
        const made = waiting || this.#closing.signal.aborted ? undefined : this.#take()
        if (made && !(made instanceof Promise)) return Promise.resolve({ value: this.#handOut(made) })
        waiting++
        return more(made).finally(() => waiting--)
      } catch (error) {
        return messages.throw(error)
      }
    }
    // A generator that waits for a message is told only with that: `cancel` of `ReadableStream.from` would wait for it.
    messages.return = () => this.close().then(leave)
    return messages
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#leave?.()
    this.#tell('closed')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #tell(phase: ConnectionState['phase'], attempt = 0, more: Pick<ConnectionState, 'error' | 'retryAt'> = {}): void {
    if (this.state.phase === 'closed') return
    this.state = { phase, attempt, ...more }
    this.#options.onState?.(this.state)
  }

  async *#read(): AsyncGenerator<Message, void, Made<Message> | undefined> {
    const {
      signal: given,
      headers,
      ticket,
      maxLength,
      heartbeat = 0,
      minDelay = 500,
      maxDelay: most = 30_000,
    } = this.#options
    const signal = AbortSignal.any([this.#closing.signal, given ?? this.#closing.signal])
    let attempt: Attempt | undefined
    signal.addEventListener('abort', () => {
      this.#closing.abort() // Looked at with each message: that of a signal made of others is slow.
      attempt?.close()
    })
    /** Milliseconds, as the server said last, and as far as it is followed. */
    let retry = 0
    const onRetry = (milliseconds: number): void => {
      // https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-reconnection-time
      retry = Math.min(Math.max(milliseconds, 250), 300_000)
    }
    let phase: ConnectionState['phase'] = 'connecting'
    let wasRefused = false
    try {
      while (!signal.aborted) {
        // Before anybody is told: who is told may close.
        attempt = new Attempt(attempt?.heartbeat ?? heartbeat, onRetry, maxLength)
        this.#tell(phase, this.#failures)
        let openedAt = 0
        let lost: Retryable | undefined
        try {
          if (!(await attempt.open((signal) => toDial(this.url, this.#options, this.lastEventId, signal)))) return
          openedAt = Date.now()
          this.#handedOut.resume()
          wasRefused = false
          phase = 'resuming'
          this.#tell('live', this.#failures)
          for (;;) {
            const blocks = await attempt.read()
            if (!blocks) break
            this.#blocks = blocks.reverse()
            let made = this.#take()
            while (made) {
              const next = yield this.#handOut(made instanceof Promise ? await unlessAborted(made, signal) : made)
              if (signal.aborted) return
              made = next ?? this.#take()
            }
            this.#handedOut.settle()
          }
        } catch (error) {
          if (signal.aborted) return
          if (error instanceof Retryable) lost = error
          else if (
            wasRefused ||
            !(error instanceof SseError && /40[13]/.test(`${error.status}`)) ||
            typeof (ticket ?? headers) !== 'function'
          )
            throw error
          else {
            // A token that has run out is asked for again, once.
            wasRefused = true
            continue
          }
        } finally {
          attempt.close()
        }
        // What was posted is done again by asking again, unless the stream has ids to go on after.
        if (openedAt && methodOf(this.#options) !== 'GET' && !this.lastEventId) {
          if (!lost) return
          throw new SseError('connection-lost', 'Cannot read on: it has no ids', {
            cause: lost.error,
          })
        }
        // One that holds for long and says nothing is no failure.
        this.#failures = openedAt && Date.now() - openedAt > most ? 1 : this.#failures + 1
        const error = lost?.error as Partial<SseError> | undefined
        // Milliseconds.
        const after = Number(error?.retryAfter) * 1000 || 0
        const least = Math.max(isOffline() ? most : 0, retry || minDelay)
        const wait = backOff(this.#failures, least, most, Math.max(retry, after))
        this.#tell(error?.code === 'connection-lost' ? 'stalled' : phase, this.#failures, {
          retryAt: Date.now() + wait,
          error,
        })
        await pause(wait, signal, !after)
      }
    } catch (error) {
      this.#tell('closed', this.#failures, { error })
      throw error
    } finally {
      // A signal of the caller's that goes on would hold all of this for as long.
      this.#closing.abort()
      this.#tell('closed')
    }
  }

  /** The next message of what is here, where there is one: its block is left there. */
  #take(): Made<Message> | undefined {
    for (; ; this.#blocks.pop()) {
      const block = this.#blocks.at(-1)
      if (!block) return undefined
      const { id, event, data } = block
      if (event === 'stream.gap') this.#handedOut = new HandedOut()
      if (data === undefined) this.lastEventId = id ?? this.lastEventId
      // What edge-sse says of the stream itself has the id of what is before it.
      else if (!id || isOwn(event) || this.#handedOut.add(id)) return this.#decode(block as ParsedMessage)
    }
  }

  #handOut(message: Message): Message {
    const { id, event, data } = this.#blocks.pop() as ParsedMessage
    this.lastEventId = id ?? this.lastEventId
    // What a server says of itself does not show that it is well, but for this.
    if (this.#failures && (!isOwn(event) || event === 'stream.live')) {
      this.#failures = 0
      this.#tell('live')
    }
    // Nobody need come back.
    if (event === 'stream.end' && (jsonOrText(data) as { reconnect?: unknown } | null)?.reconnect === false)
      this.#closing.abort()
    return message
  }
}
