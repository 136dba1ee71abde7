/** Tabs that share a stream, all in this process: it has locks and channels as a browser does. */
import { afterEach, expect, onTestFinished, vi } from 'vitest'
import type { Connection } from '../../../src/client/connect.ts'
import type { ConnectionState } from '../../../src/client/connection-state.ts'
import type { ShareOptions } from '../../../src/client/share.ts'
import { memoryRooms, type Room } from '../../../src/index.ts'
import { HeldChannel } from './held-channel.ts'

// It takes the channel that is there when it is loaded.
const { share } = await import('../../../src/client/share.ts')
const { WORDS_VERSION } = await import('../../../src/client/tabs.ts')

/** Where what they share is read. */
export interface Origin {
  fetch(request: Request): Promise<Response>
  /** Requests so far. */
  dials: number
}

export class RoomOrigin implements Origin {
  dials = 0
  readonly room: Room
  readonly #cuts = new Set<AbortController>()

  constructor(options: Parameters<typeof memoryRooms>[0] = {}) {
    this.room = memoryRooms(options).get('lobby')
  }

  fetch = async (request: Request): Promise<Response> => {
    this.dials++
    const cut = new AbortController()
    this.#cuts.add(cut)
    const { body, status, headers } = await this.room.subscribe(request, { retry: 1 })
    const through = new TransformStream<Uint8Array, Uint8Array>()
    const signal = AbortSignal.any([request.signal, cut.signal])
    body?.pipeTo(through.writable, { signal }).catch(() => {})
    return new Response(body && through.readable, { status, headers })
  }

  /** Breaks off every connection. */
  cut(): void {
    for (const each of this.#cuts) each.abort(new Error('cut'))
    this.#cuts.clear()
  }

  /** Publishes data that counts on. */
  async say(count = 1, data = ''): Promise<void> {
    for (let n = 0; n < count; n++) await this.room.publish({ data: `${++this.#said}${data}` })
  }
  #said = 0

  get said(): number {
    return this.#said
  }

  async readers(): Promise<number> {
    return (await this.room.info())?.subscribers ?? 0
  }
}

/** Answers all alike. */
export class ScriptedOrigin implements Origin {
  dials = 0
  readonly #answer: (request: Request, dial: number) => Response | Promise<Response>

  constructor(answer: (request: Request, dial: number) => Response | Promise<Response>) {
    this.#answer = answer
  }

  fetch = async (request: Request): Promise<Response> => this.#answer(request, ++this.dials)
}

export const streamOf = (body: BodyInit | null, status = 200): Response =>
  new Response(body, { status, headers: { 'content-type': 'text/event-stream' } })

export class Tab {
  readonly connection: Connection
  /** The number that the data of each message begins with, and `gap` for one. */
  readonly numbers: (number | string)[] = []
  /** The names of edge-sse's own events. */
  readonly own: string[] = []
  readonly states: ConnectionState[] = []
  /** Undefined until it ends; then what was thrown, or `end`. */
  ending: unknown
  channel: HeldChannel | undefined
  #go: (() => void) | undefined
  #pause: Promise<void> | undefined

  constructor(origin: Origin, { search = '', isPaused = false, ...options }: TabOptions) {
    this.connection = share(`http://share.example/events${search}`, {
      fetch: origin.fetch,
      minDelay: 1,
      maxDelay: 5,
      onState: (state) => void this.states.push(state),
      ...options,
    }) as Connection
    if (isPaused) this.pause()
  }

  async read(): Promise<void> {
    try {
      const messages = this.connection[Symbol.asyncIterator]()
      let next = messages.next()
      this.channel = HeldChannel.last
      for (let { done, value } = await next; !done; { done, value } = await next) {
        const { event, data } = value as { event: string; data: string }
        if (event === 'stream.gap') this.numbers.push('gap')
        else if (event.startsWith('stream.')) this.own.push(event)
        else this.numbers.push(Number.parseInt(String(data), 10))
        await this.#pause
        next = messages.next()
      }
      this.ending = 'end'
    } catch (error) {
      this.ending = error
    }
  }

  /** Takes one message more at most. */
  pause(): void {
    this.#pause ??= new Promise((resolve) => {
      this.#go = resolve
    })
  }

  resume(): void {
    this.#go?.()
    this.#pause = this.#go = undefined
  }
}

export interface TabOptions extends ShareOptions {
  search?: string
  isPaused?: boolean
}

let count = 0

/** Opens tabs that share with each other alone, and closes them all in the end. */
export class Browser {
  name = ''
  tabs: Tab[] = []

  constructor() {
    this.#begin()
  }

  get lock(): string {
    return `edge-sse:${WORDS_VERSION}:${this.name}`
  }

  /** That of pages from before the words were changed last. */
  get olderLock(): string {
    return `edge-sse:${WORDS_VERSION - 1}:${this.name}`
  }

  open(origin: Origin, options: TabOptions = {}): Tab {
    const tab = new Tab(origin, { name: this.name, ...options })
    this.tabs.push(tab)
    void tab.read()
    return tab
  }

  /** One after the other, each of which has heard of the one that leads. */
  async openLive(origin: Origin, number: number): Promise<Tab[]> {
    const tabs: Tab[] = []
    while (tabs.length < number) {
      const tab = this.open(origin)
      tabs.push(tab)
      await eventually(() => tab.connection.state.phase).toBe('live')
    }
    return tabs
  }

  async close(): Promise<void> {
    for (const tab of this.tabs) tab.resume()
    await Promise.all(this.tabs.map(({ connection }) => connection.close()))
    this.#begin()
  }

  #begin(): void {
    this.name = `share-${++count}`
    this.tabs = []
  }
}

/** One that is closed after each test, and what was patched is as it was. */
export function oneBrowser(): Browser {
  const browser = new Browser()
  afterEach(async () => {
    vi.restoreAllMocks()
    await browser.close()
  })
  return browser
}

/** All tabs have what each of them should, over one connection. */
export async function expectAll(origin: RoomOrigin, expected: [Tab, (number | string)[]][]): Promise<void> {
  for (const [tab, numbers] of expected) await eventually(() => tab.numbers).toEqual(numbers)
  await eventually(() => origin.readers()).toBe(1)
}

/** Waits until `read()` gives `wanted`. */
export const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 10_000, interval: 5 })

export const run = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n)

/** What waits for some hundred milliseconds or seconds waits for a hundredth: tabs for each other, and for a server. */
export function quickly(): void {
  const real = globalThis.setTimeout
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((work: () => void, milliseconds = 0, ...more: []) =>
    real(work, milliseconds >= 250 && milliseconds <= 5_000 ? milliseconds / 100 : milliseconds, ...more)) as never)
}

/** Tabs that listen for who leads do so until they are told that the time is over: gives what tells the last of them. */
export function ticking(): () => void {
  const ticks: (() => void)[] = []
  const real = globalThis.setTimeout
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((work: () => void, milliseconds = 0, ...more: []) => {
    if (milliseconds < 1_500 || milliseconds > 5_000) return real(work, milliseconds, ...more)
    ticks.push(work)
  }) as never)
  return () => ticks.pop()?.()
}

/** What is said on a channel from now on: the first key of each word. */
export function wordsOf(name: string): string[] {
  const said: string[] = []
  const channel = new BroadcastChannel(name)
  channel.onmessage = (event) => said.push(Object.keys((event as MessageEvent<object>).data)[0] ?? '')
  onTestFinished(() => channel.close())
  return said
}
