/** A reader's event stream as its pages are put into it. */
import { EventResponseStream } from '../event-response-stream.ts'
import { formatBlock } from '../message.ts'
import type { Page } from './bridge.ts'
import { type Cursor, formatCursor } from './cursor.ts'
import type { Sink } from './holder.ts'
import type { Reader } from './reader.ts'

const encoder = new TextEncoder()

/** The stream is its own sink: each object between a room and a reader is one more to fetch for every delivery. */
export class RoomStream extends EventResponseStream implements Sink {
  #reader: Reader | undefined

  /** From here on `reader` feeds it, and hears when it is not read any more. */
  fedBy(reader: Reader): void {
    this.#reader = reader
    if (!this.open) reader.leave()
  }

  protected override stopped(): void {
    super.stopped()
    this.#reader?.leave()
  }

  /** What is said in a room is for its readers: whatever was asked for, nobody else keeps it. */
  protected override respond(body: ReadableStream<Uint8Array> | null): Response {
    const response = super.respond(body)
    response.headers.set('cache-control', 'no-cache, no-store, no-transform')
    return response
  }

  /** By the clock, not by when the page was made: between a Worker and an object the same text is the same page again. */
  put(page: Page): void {
    if (!this.expire()) this.enqueue(page.bytes, page.at)
  }

  live(at: Cursor): void {
    if (this.expire()) return
    this.enqueue(encoder.encode(formatBlock({ id: formatCursor(at), event: 'stream.live', data: {} })))
  }

  finish(): void {
    if (!this.expire()) void this.end(false)
  }

  lost(): void {
    void this.end(true)
  }
}
