/** A body as text, read only as far as a test asks: what it waits for is a condition, never a time. */
export class BodyReader {
  /** Everything read so far. */
  text = ''
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder = new TextDecoder()

  constructor(body: ReadableStream<Uint8Array> | null) {
    if (!body) throw new Error('The response has no body')
    this.#reader = body.getReader()
  }

  /** The next chunk as text; `undefined` at the end. Rejects when the body breaks off. */
  async next(): Promise<string | undefined> {
    const { value, done } = await this.#reader.read()
    if (done) return undefined
    const text = this.#decoder.decode(value, { stream: true })
    this.text += text
    return text
  }

  /** Reads until what was read so far has `part` in it. */
  async until(part: string): Promise<void> {
    while (!this.text.includes(part))
      if ((await this.next()) === undefined)
        throw new Error(`The body ended without ${JSON.stringify(part)}: ${JSON.stringify(this.text)}`)
  }

  /** Reads to the end and gives everything. */
  async rest(): Promise<string> {
    while ((await this.next()) !== undefined);
    return this.text
  }

  /** Settles with the body itself, whether or not anybody reads: rejects as soon as it has broken off. */
  get closed(): Promise<unknown> {
    return this.#reader.closed
  }

  /** Leaves, as a reader that closes its tab. */
  cancel(): Promise<void> {
    return this.#reader.cancel()
  }
}
