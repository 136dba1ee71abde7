/**
 * The reader behind `connect`: one stream made of many responses. It reads on when the next message is asked for, so that
 * a slow consumer holds back the server, and what waits here is what a piece of 64 KiB held.
 */
import { SseError } from '../errors.ts'
import { type Block, isMessage, type ParsedMessage } from '../parse.ts'
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
export type Decode<Message> = (message: ParsedMessage) => Message | Promise<Message>

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
  /** Milliseconds, as the server said last, and as far as it is followed. */
  #retry = 0

  /** Throws a `TypeError` for what is no URL. */
  constructor(url: string | URL, options: ConnectionOptions, decode: Decode<Message>) {
    this.url = absolute(url)
    this.#options = options
    this.#decode = decode
    this.lastEventId = options.lastEventId ?? ''
  }

  [Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    if (this.#leave) throw new SseError('already-open', 'Cannot read: it is being read')
    const messages = this.#read()
    const leave = messages.return.bind(messages)
    this.#leave = leave
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

  async *#read(): AsyncGenerator<Message, void, undefined> {
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
    signal.addEventListener('abort', () => attempt?.close())
    const onRetry = (milliseconds: number): void => {
      // https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-reconnection-time
      this.#retry = Math.min(Math.max(milliseconds, 250), 300_000)
    }
    let phase: ConnectionState['phase'] = 'connecting'
    let failures = 0
    let wasRefused = false
    try {
      while (!signal.aborted) {
        // Before anybody is told: who is told may close.
        attempt = new Attempt(attempt?.heartbeat ?? heartbeat, onRetry, maxLength)
        this.#tell(phase, failures)
        let openedAt = -1
        let lost: Retryable | undefined
        try {
          if (!(await attempt.open((signal) => toDial(this.url, this.#options, this.lastEventId, signal)))) return
          openedAt = performance.now()
          this.#handedOut.resume()
          wasRefused = false
          phase = 'resuming'
          this.#tell('live', failures)
          for (let messages = await attempt.read(); messages; messages = await attempt.read()) {
            for (const block of messages) {
              if (this.#isRepeated(block)) continue
              // Not awaited where there is nothing to wait for: that would be a turn more for each message.
              const made = isMessage(block) ? this.#decode(block) : undefined
              const message = made instanceof Promise ? await unlessAborted(made, signal) : made
              this.lastEventId = block.id ?? this.lastEventId
              if (!message) continue
              // What a server says of itself does not show that it is well, but for this.
              if (failures > 0 && (!isOwn(block.event) || block.event === 'stream.live')) {
                failures = 0
                this.#tell('live')
              }
              yield message
              if (signal.aborted || isEnd(block)) return
            }
            this.#handedOut.settle()
          }
        } catch (error) {
          if (signal.aborted) return
          if (error instanceof Retryable) lost = error
          else if (wasRefused || !isRefusal(error) || typeof (ticket ?? headers) !== 'function') throw error
          else {
            // A token that has run out is asked for again, once.
            wasRefused = true
            continue
          }
        } finally {
          attempt.close()
        }
        const wasOpen = openedAt >= 0
        // What was posted is done again by asking again, unless the stream has ids to go on after.
        if (wasOpen && methodOf(this.#options) !== 'GET' && !this.lastEventId) {
          if (!lost) return
          throw new SseError('connection-lost', 'Cannot resume: it has no ids', {
            cause: lost.error,
          })
        }
        // One that holds for long and says nothing is no failure.
        failures = wasOpen && performance.now() - openedAt > most ? 1 : failures + 1
        // Milliseconds.
        const after = Number((lost?.error as Partial<SseError> | undefined)?.retryAfter) * 1000 || 0
        const least = Math.max(isOffline() ? most : 0, this.#retry || minDelay)
        const wait = backOff(failures, least, most, Math.max(this.#retry, after))
        this.#tell(lost?.isSilence ? 'stalled' : phase, failures, { retryAt: Date.now() + wait, error: lost?.error })
        await pause(wait, signal, !after)
      }
    } catch (error) {
      this.#tell('closed', failures, { error })
      throw error
    } finally {
      // A signal of the caller's that goes on would hold all of this for as long.
      this.#closing.abort()
      this.#tell('closed')
    }
  }

  /** Whether a message was handed out before. */
  #isRepeated({ id, event, data }: Block): boolean {
    if (event === 'stream.gap') this.#handedOut = new HandedOut()
    // What edge-sse says of the stream itself has the id of what is before it.
    return !!id && data !== undefined && !isOwn(event) && !this.#handedOut.add(id)
  }
}

const isRefusal = (error: unknown): boolean => error instanceof SseError && /40[13]/.test(`${error.status}`)

/** Whether the server says that the client need not come back. */
const isEnd = ({ event, data = '' }: Block): boolean =>
  event === 'stream.end' && (jsonOrText(data) as { reconnect?: unknown } | null)?.reconnect === false
