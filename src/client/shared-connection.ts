/**
 * One connection for many tabs. The one whose turn it is leads: it reads, and tells the others. A tab that has missed
 * something, or is too slow, reads on its own until it is where the others are.
 */
import { SseError } from '../errors.ts'
import type { ParsedMessage } from '../parse.ts'
import type { ConnectionOptions } from './connection-options.ts'
import type { ConnectionState } from './connection-state.ts'
import { type Heard, Inbox } from './inbox.ts'
import { isOwn } from './own-events.ts'
import { absolute } from './request.ts'
import { type Decode, StreamConnection } from './stream-connection.ts'
import { doing, endedBy, endingOf, type Word } from './tab-words.ts'
import { Tabs } from './tabs.ts'
import { unlessAborted } from './unless-aborted.ts'

export interface SharedOptions extends ConnectionOptions {
  name?: string | undefined
}

export class SharedConnection<Message> implements AsyncIterable<Message>, AsyncDisposable {
  state: ConnectionState = { phase: 'connecting', attempt: 0 }
  /** Of the last message that was handed out in this tab. */
  lastEventId: string
  readonly #url: URL
  readonly #options: SharedOptions
  readonly #decode: Decode<Message>
  readonly #inbox = new Inbox()
  /** Aborts when there is nothing more to lead to. */
  readonly #ends = new AbortController()
  /** Aborts when this tab is done, for whatever reason. */
  readonly #over = new AbortController()
  #messages: AsyncGenerator<Message, void, undefined> | undefined
  #tabs: Tabs | undefined
  /** Resolves when this tab does not lead any more, nor ever will. */
  #turns: Promise<void> | undefined
  /** Where this tab is with what it tells the others; undefined while it does not lead. */
  #told: string | undefined
  /** Reads for this tab alone, while it is behind. */
  #own: StreamConnection<ParsedMessage> | undefined
  #ended: { error?: unknown } | undefined
  #hasBegun = false
  #wake: () => void = () => {}

  constructor(url: string | URL, options: SharedOptions, decode: Decode<Message>) {
    this.#url = absolute(url)
    this.#options = options
    this.#decode = decode
    this.lastEventId = options.lastEventId ?? ''
  }

  [Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    if (this.#messages) throw new SseError('already-open', 'Cannot read: it is being read')
    const messages = this.#read()
    const leave = messages.return.bind(messages)
    // As that of `connect`: a generator that waits is told only with the next message.
    messages.return = () => {
      this.#finish()
      return leave()
    }
    this.#messages = messages
    return messages
  }

  async close(): Promise<void> {
    this.#finish()
    await this.#messages?.return()
    this.#tell({ phase: 'closed', attempt: 0 })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #tell({ phase, ...more }: ConnectionState): void {
    const before = this.state.phase
    // Who leads anew connects; for a tab that has read it is the same stream.
    const state = { phase: phase === 'connecting' && before !== phase ? 'resuming' : phase, ...more }
    // Every hello is answered to all.
    if (
      before === 'closed' ||
      (this.#told === undefined && `${Object.values(state)}` === `${Object.values(this.state)}`)
    )
      return
    this.state = state
    try {
      this.#options.onState?.(this.state)
    } catch (error) {
      this.#end({ error }) // Of this tab alone: one that leads gives its turn away.
    }
  }

  #finish(): void {
    this.#ends.abort()
    this.#over.abort()
    this.#tabs?.close()
    this.#wake()
  }

  async *#read(): AsyncGenerator<Message, void, undefined> {
    const inbox = this.#inbox
    const { signal, name = this.#url.href } = this.#options
    signal?.addEventListener('abort', () => this.#finish(), { signal: this.#over.signal })
    if (signal?.aborted) this.#finish()
    try {
      if (this.#over.signal.aborted) return
      const tabs = new Tabs(name, (word) => this.#hear(word))
      this.#tabs = tabs
      await new Promise<void>((resolve) => {
        const began = (isMine: boolean): void => {
          if (!isMine) this.#isElsewhere()
          resolve()
        }
        this.#turns = tabs.compete(this.#ends.signal, (signal) => this.#lead(tabs, signal), began)
      })
      while (!this.#over.signal.aborted) {
        if (inbox.isBehind) {
          if (yield* this.#catchUp()) return
          continue // By now it may be behind again.
        }
        const heard = inbox.take()
        if (heard) {
          const message = await this.#made(heard.block as ParsedMessage)
          yield this.#handOut(message, heard)
        } else if (this.#ended) {
          if ('error' in this.#ended) throw this.#ended.error
          return
        } else
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
      }
    } catch (error) {
      if (this.#over.signal.aborted) return
      this.#tell({ phase: 'closed', attempt: 0, error })
      throw error
    } finally {
      this.#finish()
      await this.#turns
      this.#tell({ phase: 'closed', attempt: 0 })
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
  #mayResume(): boolean {
    return this.lastEventId !== '' || (!this.#hasBegun && this.#url.searchParams.has('from'))
  }

  /** What is read for all may be further than this tab: what it was to begin with it reads on its own then. */
  #isElsewhere(): void {
    this.#inbox.isBehind ||= !this.#ended && this.#mayResume()
    this.#wake()
  }

  #open(
    lastEventId: string,
    signal: AbortSignal,
    onState = (_state: ConnectionState): void => {},
  ): StreamConnection<ParsedMessage> {
    return new StreamConnection(this.#url, { ...this.#options, lastEventId, signal, onState }, (message) => message)
  }

  /** Reads for all tabs. */
  async #lead(tabs: Tabs, signal: AbortSignal): Promise<void> {
    const own = this.#inbox.cursor || this.lastEventId
    let after = this.#inbox.lowest([own, ...(await tabs.ask())])
    if (signal.aborted) return
    if (after !== own && !this.#inbox.known.includes(after)) this.#isElsewhere()
    this.#told = after
    try {
      const leader = this.#open(after, signal, (state) => {
        if (state.phase === 'closed') return
        this.#tell(state)
        tabs.say(doing(this.state, after))
      })
      for await (const block of leader) {
        const cursor = leader.lastEventId
        this.#told = cursor
        const word = { heard: { block, after, cursor } }
        tabs.say(word)
        this.#hear(word)
        after = cursor
      }
      if (signal.aborted) return
      // The turn is kept until all know: the next one would ask the server again.
      await tabs.ask({ ended: {} })
      this.#end({})
    } catch (error) {
      await tabs.ask({ ended: endedBy(error) })
      this.#end({ error })
    } finally {
      this.#told = undefined
    }
  }

  #hear({ hello, who, state, cursor, heard, ended }: Word): void {
    const inbox = this.#inbox
    if (this.#ended) return
    if (hello && this.#told !== undefined) this.#tabs?.say(doing(this.state, this.#told))
    if (who) this.#tabs?.say({ here: inbox.cursor })
    // Who leads knows better: one from which the turn was taken may still say how it was.
    if (state && this.#told === undefined) this.#tell(state)
    if (cursor && !inbox.cursor) {
      inbox.begin(cursor)
      if (!this.#mayResume()) this.lastEventId = cursor
    }
    if (heard) inbox.hear(heard)
    // Looked for only where it may be: what waits can be long.
    const isHere = [inbox.cursor, heard?.after].includes(this.lastEventId)
    if (this.#own && isHere && inbox.meets(this.lastEventId)) this.#leaveOwn()
    if (ended) this.#end(endingOf(ended))
    this.#wake()
  }

  #end(ended: { error?: unknown }): void {
    this.#ended ??= ended
    this.#ends.abort()
    this.#wake()
  }

  #leaveOwn(): void {
    void this.#own?.close()
    this.#own = undefined
  }

  /** Reads for this tab alone, until it meets the others; whether the server says before that there is no more. */
  async *#catchUp(): AsyncGenerator<Message, boolean, undefined> {
    const inbox = this.#inbox
    if (!this.#mayResume()) {
      if (this.#hasBegun) throw new SseError('buffer-limit', 'Cannot resume: it has no ids')
      inbox.isBehind = false // It begins with what waits.
      return false
    }
    const own = this.#open(this.lastEventId, this.#over.signal)
    this.#own = own
    for await (const block of own) {
      const message = await this.#made(block)
      // The others have come to the message before it meanwhile, and tell this one too.
      if (this.#own !== own) return false
      this.#handOut(message, { block, cursor: own.lastEventId })
      if (inbox.meets(own.lastEventId)) this.#leaveOwn()
      yield message
    }
    return this.#own === own
  }
}
