/** The model itself: the plain list of what was published, and what a room has to say about it. */
import { formatBlock } from '../../src/message.ts'
import { isCursor, type Position } from '../../src/rooms/bridge.ts'
import { type Cursor, formatCursor, ORIGIN } from '../../src/rooms/cursor.ts'
import type { Gap } from '../../src/rooms/room.ts'

/** An event as it was published. */
interface Published {
  tag: string
  data: string
  /** Of its block. */
  bytes: number
  at: number
}

/** What the room's answer to an ask has to say, as of the moment the room heard it. */
export interface Answer {
  gap?: Gap
  /** Where a reader without a cursor may begin: after the last seq that was answered for, at the latest at the head. */
  start?: { earliest: number; latest: number }
}

export class PublishedList {
  readonly #events: Published[] = []
  /** The last seq that a publish was answered for. */
  answered = 0

  get head(): number {
    return this.#events.length
  }

  append(data: string, tag: string): void {
    const id = formatCursor({ seq: this.head + 1, tag })
    this.#events.push({ tag, data, bytes: Buffer.byteLength(formatBlock({ data, id })), at: Date.now() })
  }

  /** What follows `head` was lost. */
  cut(head: number): void {
    this.#events.length = head
    this.answered = Math.min(this.answered, head)
  }

  at(seq: number): Published | undefined {
    return this.#events[seq - 1]
  }

  cursorAt(seq: number): Cursor {
    return seq === 0 ? ORIGIN : { seq, tag: this.at(seq)?.tag ?? '' }
  }

  /** The last event that was published at `time` or before; 0 for none. */
  lastAt(time: number): number {
    return this.#events.findLastIndex(({ at }) => at <= time) + 1
  }

  /** Bytes of all events from the frame on that ends with the floor. */
  bytesFrom(floor: Cursor): number {
    const frame = this.#events.findIndex(({ tag }) => tag === floor.tag)
    return this.#events.slice(Math.max(0, frame)).reduce((sum, { bytes }) => sum + bytes, 0)
  }

  rangeAfter(floor: number): { oldest: string | null; newest: string | null } {
    return {
      oldest: floor < this.head ? formatCursor(this.cursorAt(floor + 1)) : null,
      newest: this.head > 0 ? formatCursor(this.cursorAt(this.head)) : null,
    }
  }

  /** The answer that an ask must get while the floor is there. `first`: the response has not taken a page yet. */
  answerTo(position: Position, first: boolean, floor: Cursor): Answer {
    if (isCursor(position) ? this.#holds(position, floor) : position !== 'malformed') {
      const earliest = Math.max(this.answered, floor.seq)
      if (position === 'start') return { start: { earliest: floor.seq, latest: floor.seq } }
      if (position === 'live') return { start: { earliest, latest: this.head } }
      if (typeof position !== 'number') return {}
      const before = (seq: number): number => Math.max(floor.seq, seq - position)
      return { start: { earliest: before(earliest), latest: before(this.head) } }
    }
    const known = isCursor(position)
    const reason = !known ? 'malformed' : position.seq >= floor.seq ? 'unknown' : first ? 'expired' : 'slow'
    const asked = known ? formatCursor(position) : null
    const gap = { reason, asked, ...this.rangeAfter(floor.seq) } as const
    return { gap: { id: formatCursor(floor), event: 'stream.gap', gap } }
  }

  #holds({ seq, tag }: Cursor, floor: Cursor): boolean {
    return seq >= floor.seq && seq <= this.head && this.cursorAt(seq).tag === tag
  }
}
