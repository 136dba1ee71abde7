/** A file that a test makes up: it counts what is read of it, and can fail. */
import type { ByteRange, StoredFile } from '../../src/files/file-store.ts'
import { pattern } from './stored.ts'

/** What becomes of it at a byte. */
interface Trouble {
  at: number
  how: 'fails' | 'ends' | 'goes on' | 'is silent'
}

/** Bytes it gives at once. */
const CHUNK = 10_000

export class MadeFile implements StoredFile {
  readonly type = 'text/x-test'
  readonly etag = '"one"'
  readonly modified: Date | undefined = new Date('2026-03-01T10:00:00.500Z')
  readonly bytes: Uint8Array
  /** Bytes read so far. */
  read = 0
  /** Somebody waits for it in vain. */
  silent = false
  /** Streams that are open. */
  readonly streams = new Set<object>()
  readonly #trouble: Trouble | undefined
  /** The bytes, and some that are none of its own. */
  readonly #more: Uint8Array

  constructor(size: number, trouble?: Trouble) {
    this.#more = pattern(size + CHUNK)
    this.bytes = this.#more.slice(0, size)
    this.#trouble = trouble
  }

  get size(): number {
    return this.bytes.byteLength
  }

  async open({ offset, length }: ByteRange = { offset: 0, length: this.size }): Promise<ReadableStream<Uint8Array>> {
    let position = offset
    const end = offset + length + (this.#trouble?.how === 'goes on' ? CHUNK : 0)
    const stream = {}
    this.streams.add(stream)
    const closed = (): void => void this.streams.delete(stream)
    return new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          const { at, how } = this.#trouble ?? { at: Number.POSITIVE_INFINITY, how: 'fails' }
          const troubled = position >= at
          if (troubled && how === 'is silent') {
            this.silent = true
            return new Promise<void>(() => {})
          }
          if (position >= end || (troubled && how === 'ends')) {
            closed()
            return controller.close()
          }
          if (troubled && how === 'fails') {
            closed()
            throw new Error('the disk is at /secret/path')
          }
          const next = Math.min(position + CHUNK, end)
          const chunk = this.#more.slice(position, next)
          this.read += chunk.byteLength
          position = next
          controller.enqueue(chunk)
        },
        cancel: closed,
      },
      { highWaterMark: 0 },
    )
  }
}
