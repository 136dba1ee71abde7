/**
 * Many readers of one stream, over raw sockets: counts the events they get and checks them. Every reader must get the
 * same events in the same order, each once; the bytes between the markers are not looked at, nor made into text.
 */
import { connect, type Socket } from 'node:net'

/** An event's text is 96 bytes: a marker that no server makes by itself, eight digits, and padding. */
export const EVENT_BYTES = 96
const MARK = 64 // @
const MARKER_BYTES = 10
export const eventText = (seq: number): string => `@@${String(seq).padStart(8, '0')}`.padEnd(EVENT_BYTES, 'x')

export interface Stream {
  port: number
  path: string
  /** What the stream begins with, once its reader misses nothing any more. */
  ready: string
}

/** All sockets read into one piece of memory: it is looked through before the next one reads. */
const memory = Buffer.allocUnsafe(262_144)

interface Reader {
  readonly socket: Socket
  /** The beginning of the stream, until it is ready. */
  beginning: string
  ready: boolean
  /** A marker of which the rest has not come yet. */
  rest: Buffer | undefined
  /** Events it has got. */
  count: number
}

export class Readers {
  /** Events all readers together have got. */
  delivered = 0
  readonly #stream: Stream
  readonly #readers: Reader[] = []
  /** The order in which whoever was first got the events. */
  #order: number[] = []
  #sentAt: number[] = []
  #latencies = new Float64Array(1 << 16)
  #failed: (error: Error) => void = () => {}
  /** Rejects with what is wrong with what a reader got. */
  readonly failure: Promise<never> = new Promise((_, reject) => {
    this.#failed = reject
  })

  constructor(stream: Stream) {
    this.#stream = stream
    this.failure.catch(() => {})
  }

  get count(): number {
    return this.#readers.length
  }

  /** Opens that many, a few at a time, and resolves when all are ready. */
  async open(count: number): Promise<void> {
    for (let opened = 0; opened < count; opened += 50)
      await Promise.race([
        this.failure,
        Promise.all(Array.from({ length: Math.min(50, count - opened) }, () => this.#openOne())),
      ])
  }

  close(): void {
    for (const { socket } of this.#readers.splice(0)) socket.removeAllListeners('close').destroy()
  }

  /** Forgets what was counted: events begin at 0 again. */
  restart(): void {
    this.delivered = 0
    this.#order = []
    this.#sentAt = []
    for (const reader of this.#readers) reader.count = 0
  }

  /** Event `seq` goes out now. */
  sending(seq: number): void {
    this.#sentAt[seq] = performance.now()
  }

  /** Milliseconds from publish to delivery, sorted. */
  latencies(): Float64Array {
    return this.#latencies.slice(0, this.delivered).sort()
  }

  /** Throws unless every reader got each of that many events; `inOrder`: as they were numbered. */
  check(events: number, inOrder: boolean): void {
    const wanted = new Set(Array.from({ length: events }, (_, seq) => seq))
    for (const seq of this.#order) if (!wanted.delete(seq)) throw new Error(`Event ${seq} came twice or was never sent`)
    if (wanted.size > 0) throw new Error(`${wanted.size} of ${events} events never came`)
    if (inOrder && this.#order.some((seq, index) => seq !== index)) throw new Error('Events came out of order')
    const short = this.#readers.filter(({ count }) => count !== events).length
    if (short > 0) throw new Error(`${short} readers did not get all of ${events} events`)
  }

  #openOne(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { port, path } = this.#stream
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: memory,
        callback: (size) => {
          if (reader.ready) this.#read(reader, memory.subarray(0, size))
          else this.#begin(reader, memory.toString('latin1', 0, size), resolve)
          return true
        },
      },
    })
    const reader: Reader = { socket, beginning: '', ready: false, rest: undefined, count: 0 }
    this.#readers.push(reader)
    socket.on('error', (error) => this.#failed(error))
    socket.on('close', () => this.#failed(new Error(`A reader was closed: ${reader.beginning.slice(0, 300)}`)))
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: text/event-stream\r\n\r\n`)
    return promise
  }

  #begin(reader: Reader, text: string, isReady: () => void): void {
    reader.beginning += text
    if (!reader.beginning.includes(this.#stream.ready)) return
    if (!reader.beginning.startsWith('HTTP/1.1 200')) return this.#failed(new Error(reader.beginning.slice(0, 300)))
    reader.ready = true
    isReady()
  }

  #read(reader: Reader, chunk: Buffer): void {
    const now = performance.now()
    const bytes = reader.rest ? Buffer.concat([reader.rest, chunk]) : chunk
    reader.rest = undefined
    const size = bytes.length
    for (let at = 0; at < size; at++) {
      if (bytes[at] !== MARK) continue
      if (at + MARKER_BYTES > size) {
        reader.rest = Buffer.from(bytes.subarray(at))
        return
      }
      let seq = 0
      for (let digit = at + 2; digit < at + MARKER_BYTES; digit++) seq = seq * 10 + (bytes[digit] as number) - 48
      this.#deliver(reader, seq, now)
      at += EVENT_BYTES - 1
    }
  }

  #deliver(reader: Reader, seq: number, now: number): void {
    const place = reader.count++
    if (place === this.#order.length) this.#order.push(seq)
    else if (this.#order[place] !== seq)
      return this.#failed(new Error(`A reader got event ${seq} where another got ${this.#order[place]}`))
    if (this.delivered === this.#latencies.length) {
      const more = new Float64Array(this.#latencies.length * 2)
      more.set(this.#latencies)
      this.#latencies = more
    }
    this.#latencies[this.delivered++] = now - (this.#sentAt[seq] ?? Number.NaN)
  }
}
