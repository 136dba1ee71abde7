/** One call of a model's server, as that server sees it: what was asked, and when and how its socket was closed. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Incoming } from './incoming.ts'
import { within } from './within.ts'

/** How a socket was closed by who called: by FIN or RST. `ours`: this side has reset it. */
export type Closed = 'fin' | 'reset' | 'ours'

/** A body in chunks is written, and ends where it says so. */
const LAST_CHUNK = '0\r\n\r\n'

export class UpstreamCall {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  /** The body as it came. */
  readonly text: string
  readonly body: Record<string, unknown>
  readonly #socket: Socket
  readonly #closed: Promise<Closed>
  #reset = false
  /** How often it may go on, and what waits for that. */
  #releases = 0
  #wake = (): void => {}

  constructor(socket: Socket, { method, path, headers, body }: Incoming, closed: Promise<Closed>) {
    this.#socket = socket
    this.method = method
    this.path = path
    this.headers = headers
    this.text = body
    this.body = toObject(body)
    this.#closed = closed.then((how) => (this.#reset ? 'ours' : how))
  }

  /** Resolves when the other side has closed the socket. */
  get closed(): Promise<Closed> {
    return within(this.#closed, `the end of the call of ${this.body.model}`)
  }

  /** True while the other side has closed nothing. */
  get isOpen(): boolean {
    return !this.#socket.readableEnded && !this.#socket.destroyed
  }

  /** Lets the script pass its next `hold()`, or the one it waits at. */
  release(): void {
    this.#releases++
    this.#wake()
  }

  /** For the script: resolves when it was released, or when nobody is there any more. */
  async held(): Promise<void> {
    while (this.#releases === 0 && this.isOpen)
      await Promise.race([this.#closed, new Promise<void>((resolve) => (this.#wake = resolve))])
    this.#releases--
  }

  /** Resolves when the other side is gone, however long that takes. */
  async gone(): Promise<void> {
    await this.#closed
  }

  head(status: number, headers: Record<string, string>): Promise<void> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    return this.#write(`HTTP/1.1 ${status} Scripted\r\n${lines.join('')}transfer-encoding: chunked\r\n\r\n`)
  }

  /** Bytes of the body. Resolves when the kernel has taken them. */
  write(bytes: Uint8Array): Promise<void> {
    const size = Buffer.from(`${bytes.byteLength.toString(16)}\r\n`)
    return this.#write(Buffer.concat([size, bytes, Buffer.from('\r\n')]))
  }

  /** The body is whole, and this side sends no more. */
  async end(): Promise<void> {
    await this.#write(LAST_CHUNK)
    this.#socket.end()
  }

  /** This side sends no more, in the middle of the body. */
  breakOff(): void {
    this.#socket.end()
  }

  reset(): void {
    this.#reset = true
    this.#socket.resetAndDestroy()
  }

  async #write(bytes: Uint8Array | string): Promise<void> {
    if (!this.#socket.writable) return
    if (!this.#socket.write(bytes)) await Promise.race([once(this.#socket, 'drain'), this.#closed]).catch(() => {})
  }
}

function toObject(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
