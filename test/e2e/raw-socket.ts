/**
 * An HTTP client over a bare TCP socket, for tests: no library corrects what it sends, it sees the answer byte by byte,
 * and it can break off, fall silent or stop reading wherever it likes.
 */
import { connect, type Socket } from 'node:net'

export type HeaderLines = Record<string, string> | [name: string, value: string][]

export interface Head {
  status: number
  headers: Headers
}

export interface RawResponse extends Head {
  body: Buffer
}

/** How a client goes: RST, or FIN. */
export type Cut = 'reset' | 'fin'

/** Milliseconds without a byte after which a wait is given up: for a message that says what was missing. */
const PATIENCE = 20_000

/** A request as bytes. Adds `Host` and, with a body, `Content-Length` where `headers` do not say them. */
export function request(
  method: string,
  target: string,
  headers: HeaderLines = {},
  body?: string | Uint8Array,
): Uint8Array {
  const lines = Array.isArray(headers) ? headers : Object.entries(headers)
  const has = (name: string): boolean => lines.some(([other]) => other.toLowerCase() === name)
  const bytes = Buffer.from(body ?? '')
  const all = [...lines]
  if (!has('host')) all.unshift(['Host', 'localhost'])
  if (body !== undefined && !has('content-length') && !has('transfer-encoding'))
    all.push(['Content-Length', String(bytes.byteLength)])
  const head = [`${method} ${target} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`)].join('\r\n')
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes])
}

/** Bytes as one chunk of a chunked body; one without bytes is the last. */
export function chunk(bytes: string | Uint8Array): Uint8Array {
  const size = Buffer.byteLength(bytes).toString(16)
  return Buffer.concat([Buffer.from(`${size}\r\n`), Buffer.from(bytes), Buffer.from('\r\n')])
}

/** One request on a socket of its own, read to the end of its answer. */
export async function exchange(port: number, bytes: Uint8Array): Promise<RawResponse> {
  const socket = await RawSocket.open(port)
  try {
    socket.write(bytes)
    return await socket.response(Buffer.from(bytes.subarray(0, 5)).toString() === 'HEAD ')
  } finally {
    socket.cut('fin')
  }
}

export class RawSocket {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #ended = false
  #wake = (): void => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    const end = (): void => {
      this.#ended = true
      this.#wake()
    }
    socket.on('data', (chunk) => {
      this.#received = this.#received.byteLength === 0 ? chunk : Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    socket.on('end', end)
    socket.on('close', end)
    socket.on('error', end)
  }

  static open(port: number, host = '127.0.0.1'): Promise<RawSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new RawSocket(socket))
      })
    })
  }

  /** The port on this side, by which the kernel's tables know the connection. */
  get localPort(): number {
    return this.#socket.localPort ?? 0
  }

  write(bytes: Uint8Array | string): void {
    this.#socket.write(bytes)
  }

  /** Sends no more, and goes on reading. */
  end(): void {
    this.#socket.end()
  }

  /** Leaves at once: by a reset, or as a closed tab does. */
  cut(how: Cut): void {
    if (how === 'reset') this.#socket.resetAndDestroy()
    else this.#socket.destroy()
  }

  /** Stops taking bytes: the kernel's buffers fill, then the server's. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Status and headers of the next response. */
  async head(): Promise<Head> {
    const length = await this.#until((bytes) => bytes.indexOf('\r\n\r\n') + 1 || undefined, 'a response head')
    const [statusLine = '', ...lines] = this.#take(length + 3)
      .toString('latin1')
      .trimEnd()
      .split('\r\n')
    const headers = new Headers()
    for (const line of lines) headers.append(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim())
    return { status: Number(statusLine.split(' ')[1]), headers }
  }

  /** The decoded body as it comes. Throws where it breaks off. */
  async *body({ headers }: Head): AsyncGenerator<Buffer, void, undefined> {
    if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') return yield* this.#chunks()
    const length = headers.get('content-length')
    let left = length === null ? Number.POSITIVE_INFINITY : Number(length)
    while (left > 0) {
      if (length === null && !(await this.#hasMore())) return
      const bytes = this.#take(
        Math.min(left, await this.#until((received) => received.byteLength || undefined, 'a body')),
      )
      left -= bytes.byteLength
      yield bytes
    }
  }

  /** The whole next response. One to a HEAD has no body whatever its headers say. */
  async response(toHead = false): Promise<RawResponse> {
    const head = await this.head()
    const chunks: Buffer[] = []
    if (!toHead && head.status !== 204 && head.status !== 304)
      for await (const chunk of this.body(head)) chunks.push(chunk)
    return { ...head, body: Buffer.concat(chunks) }
  }

  /** Resolves when the server has closed the connection. What came before that can still be read. */
  async closed(): Promise<void> {
    while (!this.#ended) await this.#more('the end of the connection')
  }

  /** False once everything was read and the connection has ended. */
  async #hasMore(): Promise<boolean> {
    while (this.#received.byteLength === 0 && !this.#ended) await this.#more('a body')
    return this.#received.byteLength > 0
  }

  async *#chunks(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const line = await this.#until((bytes) => bytes.indexOf('\r\n') + 1 || undefined, 'a chunk size')
      const text = this.#take(line + 1)
        .toString('latin1')
        .trim()
      if (!/^[0-9a-f]+$/i.test(text)) throw new Error(`Cannot read body: "${text}" is not a chunk size`)
      let left = Number.parseInt(text, 16)
      const last = left === 0
      while (left > 0) {
        const bytes = this.#take(
          Math.min(left, await this.#until((received) => received.byteLength || undefined, 'a chunk')),
        )
        left -= bytes.byteLength
        yield bytes
      }
      await this.#until((bytes) => (bytes.byteLength >= 2 ? true : undefined), 'the end of a chunk')
      this.#take(2)
      if (last) return
    }
  }

  /** What `find` makes of the bytes received, as soon as it makes something of them. */
  async #until<Found>(find: (received: Buffer) => Found | undefined, what: string): Promise<Found> {
    for (;;) {
      const found = find(this.#received)
      if (found !== undefined) return found
      if (this.#ended) throw new Error(`Cannot read ${what}: the connection ended`)
      await this.#more(what)
    }
  }

  #more(what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Cannot read ${what}: it did not come`)), PATIENCE)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #take(length: number): Buffer {
    const bytes = this.#received.subarray(0, length)
    this.#received = this.#received.subarray(length)
    return bytes
  }
}
