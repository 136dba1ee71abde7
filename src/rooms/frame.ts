/** A row of the log: consecutive events of one publish, stored as the very text that readers get. */
import { SseError } from '../errors.ts'
import { formatBlock } from '../message.ts'
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

/** Bytes of one encoded event. */
const LARGEST_BLOCK = 262_144
const encoder = new TextEncoder()
const byteLength = (text: string): number => encoder.encode(text).byteLength

/** What is published together as one frame that begins at `first`. Throws `cannot-encode`, `payload-too-large`. */
export function makeFrame(messages: TextMessage[], first: number): Frame {
  const tag = drawTag()
  const blocks = messages.map(({ event, data }, index) =>
    formatBlock({ event, data, id: formatCursor({ seq: first + index, tag }) }),
  )
  const bytes = blocks.map(byteLength)
  if (bytes.some((length) => length > LARGEST_BLOCK))
    throw new SseError('payload-too-large', 'Cannot publish: the encoded message is longer than 256 KiB')
  return {
    first,
    last: first + messages.length - 1,
    tag,
    at: Date.now(),
    bytes: bytes.reduce((sum, length) => sum + length, 0),
    blocks: blocks.join(''),
  }
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
): { to: Cursor; blocks: string } {
  let to = after
  let blocks = ''
  let bytes = 0
  for (const frame of frames) {
    if (frame.first > upTo) break
    const whole = frame.first > after.seq && frame.last <= upTo
    const parts = whole && bytes + frame.bytes <= limit ? [frame] : splitFrame(frame, after.seq, upTo)
    for (const part of parts) {
      if (bytes > 0 && bytes + part.bytes > limit) return { to, blocks }
      blocks += part.blocks
      bytes += part.bytes
      to = { seq: part.last, tag: part.tag }
    }
  }
  return { to, blocks }
}

/** The blocks of a frame after `after` up to `upTo`, one by one. A blank line ends a block and is nowhere inside one. */
function* splitFrame(frame: Frame, after: number, upTo: number): Generator<Frame, void, undefined> {
  const texts = frame.blocks.split('\n\n')
  for (let seq = Math.max(frame.first, after + 1); seq <= Math.min(frame.last, upTo); seq++) {
    const blocks = `${texts[seq - frame.first]}\n\n`
    yield { ...frame, first: seq, last: seq, blocks, bytes: byteLength(blocks) }
  }
}
