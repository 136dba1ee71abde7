/** Reads an event stream response as its client would, message by message, and keeps what it has read. */
import { createParser } from 'eventsource-parser'

export interface Read {
  id?: string | undefined
  event?: string | undefined
  data: string
}

export class StreamReader {
  /** All text so far. */
  text = ''
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  readonly #messages: Read[] = []
  readonly #parser = createParser({
    onEvent: ({ id, event, data }) =>
      this.#messages.push({ ...(id === undefined ? {} : { id }), ...(event === undefined ? {} : { event }), data }),
  })
  readonly #decoder = new TextDecoder()
  #taken = 0

  constructor(response: Response) {
    if (response.status !== 200) throw new Error(`Not a stream: ${response.status}`)
    this.#reader = response.body?.getReader()
  }

  /** What came before the first message. */
  get head(): string {
    return this.text.slice(0, this.text.search(/^(id|event|data):/m))
  }

  /** Everything that was read whole. */
  complete(): Read[] {
    return this.#messages
  }

  /** The next messages, as many as asked for. */
  async take(count: number): Promise<Read[]> {
    while (this.#messages.length < this.#taken + count) if (!(await this.#more())) throw this.#ended()
    this.#taken += count
    return this.#messages.slice(this.#taken - count, this.#taken)
  }

  /** The next messages up to and with the one that is looked for. */
  async until(isLast: (message: Read) => boolean): Promise<Read[]> {
    for (let index = this.#taken; ; index++) {
      while (this.#messages.length <= index) if (!(await this.#more())) throw this.#ended()
      if (isLast(this.#messages[index] as Read)) return this.take(index + 1 - this.#taken)
    }
  }

  untilLive(): Promise<Read[]> {
    return this.until(({ event }) => event === 'stream.live')
  }

  /** Ids up to stream.live, its own last. */
  async idsUntilLive(): Promise<string[]> {
    return (await this.untilLive()).flatMap(({ id }) => (id === undefined ? [] : [id]))
  }

  /** Ids of the next events of the room; what the stream says of itself is passed over. */
  async events(count: number): Promise<string[]> {
    const ids: string[] = []
    while (ids.length < count) {
      const [message] = await this.take(1)
      if (message?.id !== undefined && !message.event?.startsWith('stream.')) ids.push(message.id)
    }
    return ids
  }

  /** The rest of a stream that ends. */
  async all(): Promise<Read[]> {
    while (await this.#more());
    const rest = this.#messages.slice(this.#taken)
    this.#taken = this.#messages.length
    return rest
  }

  /** Reads exactly the first bytes of the stream: what came with them is not looked at. */
  async bytes(count: number): Promise<void> {
    for (let left = count; left > 0; ) {
      const { done, value } = (await this.#reader?.read()) ?? { done: true, value: undefined }
      if (done || !value) throw this.#ended()
      this.#feed(value.subarray(0, left))
      left -= value.byteLength
    }
  }

  async leave(): Promise<void> {
    await this.#reader?.cancel().catch(() => {})
  }

  async #more(): Promise<boolean> {
    const { done, value } = (await this.#reader?.read()) ?? { done: true, value: undefined }
    if (value) this.#feed(value)
    return !done
  }

  #feed(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes, { stream: true })
    this.text += text
    this.#parser.feed(text)
  }

  #ended(): Error {
    return new Error(`The stream ended after: ${JSON.stringify(this.#messages.slice(-3))}`)
  }
}
