/** A row of the log: consecutive events of one publish, stored as the very text that readers get. */
import { byteLength } from '../byte-length.ts'
import { SseError } from '../errors.ts'
import { formatBlock } from '../message.ts'
import { eachMessage } from './batch.ts'
import { type Cursor, drawTag, formatCursor } from './cursor.ts'
import type { RoomMessage } from './room.ts'

export interface Frame {
  readonly first: number
  readonly last: number
  readonly tag: string
  /** When it was stored, in milliseconds since 1970. Only retention by age looks at it. */
  readonly at: number
  /** Length of `blocks` in UTF-8. */
  readonly bytes: number
  /** Complete event-stream blocks, one for each seq from `first` to `last`. */
  readonly blocks: string
}

/** An event on its way to the log: its data is the text on the wire, its id comes with its place. */
export type TextMessage = Omit<RoomMessage, 'id'>

/** Bytes of one encoded event, and of a frame: a row stays far below what storage takes. */
const LARGEST_BLOCK = 262_144
/** Bytes of what is published together, encoded. */
const LARGEST_BATCH = 1_048_576

/** Throws `payload-too-large` for a message of so many bytes, in a batch that has so many with it. */
export function checkSize(bytes: number, total: number): void {
  if (bytes > LARGEST_BLOCK)
    throw new SseError('payload-too-large', 'Cannot publish: the encoded message is longer than 256 KiB')
  if (total > LARGEST_BATCH)
    throw new SseError('payload-too-large', 'Cannot publish: the encoded batch is longer than 1 MiB')
}

/**
 * What is published together, from `first` on: under one tag, in frames of at most 256 KiB. Throws `cannot-encode`,
 * `payload-too-large`.
 */
export function makeFrames(messages: TextMessage[], first: number): [...Frame[], Frame] {
  const tag = drawTag()
  const at = Date.now()
  let frame: Frame | undefined
  let total = 0
  const full: Frame[] = []
  eachMessage(messages, ({ event, data }, index) => {
    const seq = first + index
    const block = formatBlock({ event, data, id: formatCursor({ seq, tag }) })
    const bytes = byteLength(block)
    total += bytes
    checkSize(bytes, total)
    if (frame && frame.bytes + bytes <= LARGEST_BLOCK)
      frame = { ...frame, last: seq, bytes: frame.bytes + bytes, blocks: frame.blocks + block }
    else {
      if (frame) full.push(frame)
      frame = { first: seq, last: seq, tag, at, bytes, blocks: block }
    }
  })
  if (!frame) throw new SseError('invalid-message', 'Cannot publish: there is no message')
  return [...full, frame]
}

/**
 * What follows `after` up to `upTo`, cut at block borders, also inside a frame: at least one block, then as many as fit
 * in `limit` bytes. `frames` are those that end after `after`, in order, and no more of them are taken than needed.
 */
export function cutPage(
  frames: Iterable<Frame>,
  after: Cursor,
  upTo: number,
  limit: number,
): { to: Cursor; blocks: string; bytes: number } {
  let to = after
  let blocks = ''
  let bytes = 0
  for (const frame of frames) {
    if (frame.first > upTo) break
    const whole = frame.first > after.seq && frame.last <= upTo
    const parts = whole && bytes + frame.bytes <= limit ? [frame] : splitFrame(frame, after.seq, upTo)
    for (const part of parts) {
      if (bytes > 0 && bytes + part.bytes > limit) return { to, blocks, bytes }
      blocks += part.blocks
      bytes += part.bytes
      to = { seq: part.last, tag: part.tag }
    }
  }
  return { to, blocks, bytes }
}

/** The blocks of a frame after `after` up to `upTo`, one by one. A blank line ends a block and is nowhere inside one. */
function* splitFrame(frame: Frame, after: number, upTo: number): Generator<Frame, void, undefined> {
  const texts = frame.blocks.split('\n\n')
  for (let seq = Math.max(frame.first, after + 1); seq <= Math.min(frame.last, upTo); seq++) {
    const blocks = `${texts[seq - frame.first]}\n\n`
    yield { ...frame, first: seq, last: seq, blocks, bytes: byteLength(blocks) }
  }
}
