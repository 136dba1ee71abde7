/**
 * One connection for many tabs. The one whose turn it is leads: it reads, and tells the others. A tab that has missed
 * something, or is too slow, reads on its own until it is where the others are.
 */
import { SseError } from '../errors.ts'
import type { ParsedMessage } from '../parse.ts'
import type { ConnectionOptions } from './connection-options.ts'
import type { ConnectionState } from './connection-state.ts'
import { type Heard, Inbox } from './inbox.ts'
import { absolute } from './request.ts'
import { type Decode, StreamConnection } from './stream-connection.ts'
import { Tabs, type Word } from './tabs.ts'

export class SharedConnection<Message> implements AsyncIterable<Message>, AsyncDisposable {
  state: ConnectionState = { phase: 'connecting', attempt: 0 }
  /** Of the last message that was handed out in this tab. */
  lastEventId: string
  readonly #url: URL
  readonly #options: ConnectionOptions
  readonly #decode: Decode<Message>
  readonly #tabs: Tabs
  readonly #inbox = new Inbox()
  /** Aborts when this tab is done, for whatever reason. */
  readonly #over = new AbortController()
  #messages: AsyncGenerator<Message, void, undefined> | undefined
  /** Reads for all. */
  #leader: StreamConnection<ParsedMessage> | undefined
  /** Reads for this tab alone, while it is behind. */
  #own: StreamConnection<ParsedMessage> | undefined
  #ended: Word['ended']
  #wake: () => void = () => {}

  constructor(url: string | URL, options: ConnectionOptions & { name?: string }, decode: Decode<Message>) {
    this.#url = absolute(url)
    this.#options = options
    this.#decode = decode
    this.#tabs = new Tabs(options.name ?? this.#url.href, (word) => this.#hear(word))
    this.lastEventId = options.lastEventId ?? ''
  }

  [Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    if (this.#messages) throw new SseError('already-open', 'Cannot read connection: it is being read')
    this.#messages = this.#read()
    return this.#messages
  }

  async close(): Promise<void> {
    this.#finish()
    await this.#messages?.return()
    this.#tell({ phase: 'closed', attempt: 0 })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #tell(state: ConnectionState): void {
    if (this.state.phase === 'closed') return
    this.state = state
    this.#options.onState?.(state)
  }

  #finish(): void {
    this.#over.abort()
    this.#tabs.close()
    this.#wake()
  }

  async *#read(): AsyncGenerator<Message, void, undefined> {
    const inbox = this.#inbox
    this.#options.signal?.addEventListener('abort', () => this.#finish(), { signal: this.#over.signal })
    if (this.#options.signal?.aborted) this.#finish()
    try {
      const isFirst = await this.#tabs.compete(this.#over.signal, (signal) => this.#lead(signal))
      // What the tab that leads was to begin with has been read already.
      inbox.isBehind = !isFirst && this.#mayResume()
      while (!this.#over.signal.aborted) {
        if (inbox.isBehind) yield* this.#catchUp()
        const heard = inbox.take()
        if (heard) yield await this.#made(heard.block as ParsedMessage, heard.cursor)
        else if (this.#ended) return this.#end()
        else if (!inbox.isBehind)
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
      }
    } catch (error) {
      this.#tell({ phase: 'closed', attempt: 0, error })
      throw error
    } finally {
      this.#finish()
      this.#tell({ phase: 'closed', attempt: 0 })
    }
  }

  async #made(block: ParsedMessage, cursor: string): Promise<Message> {
    const message = await this.#decode(block)
    this.lastEventId = cursor
    return message
  }

  #end(): void {
    const { code, message = '', status } = this.#ended ?? {}
    if (code) throw new SseError(code, message, { status })
  }

  #mayResume(): boolean {
    return this.lastEventId !== '' || this.#url.searchParams.has('from')
  }

  #open(
    lastEventId: string,
    signal: AbortSignal,
    onState = (_state: ConnectionState): void => {},
  ): StreamConnection<ParsedMessage> {
    return new StreamConnection(this.#url, { ...this.#options, lastEventId, signal, onState }, (message) => message)
  }

  /** Reads for all tabs. */
  async #lead(signal: AbortSignal): Promise<void> {
    let after = this.#lowest(await this.#tabs.cursors())
    const leader = this.#open(after, signal, (state) => {
      if (state.phase === 'closed') return
      this.#tell(state)
      this.#tabs.say(this.#doing())
    })
    this.#leader = leader
    try {
      for await (const block of leader) {
        this.#say({ heard: { block, after, cursor: leader.lastEventId } })
        after = leader.lastEventId
      }
      if (!signal.aborted) this.#say({ ended: {} })
    } catch (error) {
      const { code = 'connection-lost', message, status } = error as SseError
      this.#say({ ended: { code, message, status } })
    } finally {
      this.#leader = undefined
    }
  }

  /** Where to lead from: what one tab lacks is told to all again, and the others drop it. */
  #lowest(cursors: string[]): string {
    const all = new Set([...cursors, this.#inbox.cursor ?? this.lastEventId])
    // Those that this tab has not heard of are further, or nowhere; who is left behind by that finds out.
    const { older, younger } = this.#inbox.heard
    for (const id of [...older.keys(), ...younger.keys()]) if (all.has(id)) return id
    return [...all].find(Boolean) ?? ''
  }

  #doing(): Word {
    const { error, ...state } = this.state
    return {
      state: { ...state, ...(error !== undefined && { error: String(error) }) },
      cursor: this.#leader?.lastEventId ?? '',
    }
  }

  #say(word: Word): void {
    this.#tabs.say(word)
    this.#hear(word)
  }

  #hear({ hello, who, state, cursor, heard, ended }: Word): void {
    const inbox = this.#inbox
    if (hello && this.#leader) this.#tabs.say(this.#doing())
    if (who) this.#tabs.say({ here: inbox.cursor ?? '' })
    if (state) this.#tell(state)
    if (cursor && inbox.cursor === undefined) {
      inbox.cursor = cursor
      this.lastEventId ||= cursor
    }
    if (heard) this.#take(heard)
    if (ended) {
      this.#ended = ended
      this.#wake()
    }
  }

  #take(heard: Heard): void {
    const own = this.#own
    // The others have come to where this tab is.
    if (!this.#inbox.hear(heard) && own && heard.cursor === this.lastEventId) this.#leaveOwn()
    this.#wake()
  }

  #leaveOwn(): void {
    this.#inbox.isBehind = false
    void this.#own?.close()
    this.#own = undefined
  }

  /** Reads for this tab alone, until it meets the others. */
  async *#catchUp(): AsyncGenerator<Message, void, undefined> {
    if (!this.#mayResume())
      throw new SseError('buffer-limit', 'Cannot read on: this tab is behind, and the stream has no ids to go on after')
    const inbox = this.#inbox
    const own = this.#open(this.lastEventId, this.#over.signal)
    this.#own = own
    inbox.isBehind = false
    for await (const block of own) {
      const waits = inbox.skipTo(block)
      yield await this.#made(block, own.lastEventId)
      // Where what was retained ends, the rest has been told since, and waits.
      if (waits || (block.event === 'stream.live' && !inbox.isBehind)) this.#leaveOwn()
    }
    if (this.#own && !this.#over.signal.aborted) this.#ended ??= {}
    this.#own = undefined
  }
}
