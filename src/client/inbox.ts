/** What a tab was told by the one that reads for all, and has not handed out yet: messages without a hole between them. */
import type { Block } from '../parse.ts'
import { remember } from './known-cursors.ts'
import { isOwn } from './own-events.ts'

/** Characters that wait: a tab that falls further behind reads on its own. */
const LIMIT = 1_048_576
/** What a message counts for beside its data: a great many of none at all weigh something too. */
const OVERHEAD = 128

/** A message with the cursors before and after it. */
export interface Heard {
  block: Block
  after: string
  cursor: string
}

export class Inbox {
  /** After what was told last; empty before anything with an id was. */
  cursor = ''
  /** Whether something is missing before what waits here. */
  isBehind = false
  /** Cursors that this tab was told: what is told again is before the last of them. */
  known: string[] = []
  #items: Heard[] = []
  #length = 0

  /** Who is new begins where the one that reads is. */
  begin(cursor: string): void {
    this.cursor = cursor
    remember(this.known, cursor)
  }

  hear(news: Heard): void {
    const { after, block, cursor } = news
    // Before the first id there is no place from which anything could be missing.
    if (this.cursor && this.cursor !== after) {
      // Who leads anew begins where the last of all is, and what it is told of the stream there is not for those ahead.
      if (this.known.includes(cursor) || (isOwn(block.event) && block.id === undefined)) return
      this.#restart()
    } else if (block.event === 'stream.gap') this.known = []
    this.begin(cursor)
    this.#items.push(news)
    this.#length += sizeOf(news)
    if (this.#length > LIMIT) this.#restart()
  }

  take(): Heard | undefined {
    const heard = this.#items.shift()
    if (heard) this.#length -= sizeOf(heard)
    return heard
  }

  /**
   * Whether what was told goes on after a cursor: what waits here begins there then. A tab goes over from its own
   * reading at such a place alone: nothing after it was read, all after it was told or will be.
   */
  meets(cursor: string): boolean {
    if (!cursor) return false
    // The one before the first: where several messages have one cursor none of them is lost.
    if ((this.#items[0]?.after ?? this.cursor) !== cursor) {
      const place = this.#items.findIndex((item) => item.cursor === cursor)
      if (place < 0) return false
      for (let n = 0; n <= place; n++) this.take()
    }
    this.isBehind = false
    return true
  }

  /** Where to lead from: what one tab lacks is told to all again, and the others drop it. */
  lowest(cursors: string[]): string {
    // Those that this tab has not heard of are further, or nowhere; who is left behind by that finds out.
    return [...this.known, ...cursors].find((id) => id && cursors.includes(id)) ?? ''
  }

  #restart(): void {
    this.#items = []
    this.#length = 0
    this.isBehind = true
  }
}

const sizeOf = ({ block }: Heard): number => OVERHEAD + (block.data?.length ?? 0)
