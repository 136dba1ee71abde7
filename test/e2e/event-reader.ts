/** A reader of an event stream over a bare socket: it keeps all that came, and waits for what is to come. */
import { type ParsedMessage, parseMessages } from '../../src/parse.ts'
import { type Cut, type Head, type HeaderLines, RawSocket, request } from './raw-socket.ts'

/** Milliseconds without anything new after which a wait is given up. */
const PATIENCE = 20_000

export class EventReader {
  readonly head: Head
  /** Everything that was dispatched, ours (`stream.…`) too, in order. */
  readonly events: ParsedMessage[] = []
  readonly comments: string[] = []
  /** Milliseconds, in the order they came. */
  readonly retries: number[] = []
  /** How the stream ended, once it has. */
  ended: 'well' | 'broken off' | undefined
  readonly #socket: RawSocket
  readonly #waiting = new Set<() => void>()

  private constructor(socket: RawSocket, head: Head) {
    this.#socket = socket
    this.head = head
    void this.#read()
  }

  static async open(port: number, target: string, headers: HeaderLines = {}): Promise<EventReader> {
    const socket = await RawSocket.open(port)
    socket.write(request('GET', target, headers))
    return new EventReader(socket, await socket.head())
  }

  get localPort(): number {
    return this.#socket.localPort
  }

  /** What was published, in order. */
  get published(): ParsedMessage[] {
    return this.events.filter(isPublished)
  }

  get ids(): (string | undefined)[] {
    return this.published.map(({ id }) => id)
  }

  /** What came under one of our names. */
  named(name: string): ParsedMessage[] {
    return this.events.filter(({ event }) => event === name)
  }

  /** Resolves as soon as `condition` holds. */
  async until(what: string, condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.ended) throw new Error(`Cannot wait for ${what}: the stream ended ${this.ended}`)
      await new Promise<void>((resolve, reject) => {
        const wake = (): void => {
          clearTimeout(timer)
          this.#waiting.delete(wake)
          resolve()
        }
        const timer = setTimeout(
          () => reject(new Error(`Cannot wait for ${what}: nothing came after ${JSON.stringify(this.events.at(-1))}`)),
          PATIENCE,
        )
        this.#waiting.add(wake)
      })
    }
  }

  untilLive(): Promise<void> {
    return this.until('stream.live', () => this.events.some(({ event }) => event === 'stream.live'))
  }

  untilId(id: string): Promise<void> {
    return this.until(
      `event ${id}`,
      () => this.events.at(-1)?.id === id || this.events.some((event) => event.id === id),
    )
  }

  untilEnd(): Promise<void> {
    return this.until('the end', () => this.ended !== undefined)
  }

  cut(how: Cut): void {
    this.#socket.cut(how)
  }

  /** Sends no more, and goes on reading. */
  end(): void {
    this.#socket.end()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  async #read(): Promise<void> {
    try {
      const body = this.#socket.body(this.head)
      for await (const message of parseMessages(body, {
        onComment: (text) => this.#comment(text),
        onRetry: (milliseconds) => this.retries.push(milliseconds),
      })) {
        this.events.push(message)
        this.#wake()
      }
      this.ended = 'well'
    } catch {
      this.ended = 'broken off'
    }
    this.#wake()
  }

  #comment(text: string): void {
    this.comments.push(text)
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }
}

export const isPublished = ({ event, id }: ParsedMessage): boolean => id !== undefined && !event?.startsWith('stream.')

/** The seq of an id `<seq>-<tag>`. */
export const seqOf = (id: string | undefined): number => Number(id?.split('-')[0])
