/** What a tab has heard from the one that reads for all, and has not handed out yet. */
import type { Block } from '../parse.ts'
import { isOwn } from './own-events.ts'
import { SeenIds } from './seen-ids.ts'

/** Characters that wait: a tab that falls further behind reads on its own. */
const LIMIT = 1_048_576

/** A message with the cursors before and after it. */
export interface Heard {
  block: Block
  after: string
  cursor: string
}

export class Inbox {
  /** The cursor of who leads, after what was heard last; undefined before anything was. */
  cursor: string | undefined
  /** Whether something is missing before what waits here. */
  isBehind = false
  readonly heard: SeenIds = new SeenIds()
  /** What this tab has read alone, which the others may be told later. */
  readonly #alone = new SeenIds()
  #items: Heard[] = []
  #length = 0

  /** Says whether it waits now. It does not where it is known: who leads anew begins where the last of all is. */
  hear(news: Heard): boolean {
    const { after, block, cursor } = news
    const id = isOwn(block.event) ? '' : (block.id ?? '')
    const follows = this.cursor === undefined || this.cursor === after
    if (block.event === 'stream.gap') {
      this.heard.clear()
      this.#alone.clear()
    } else if (!follows) {
      if (has(this.heard, id)) return false
      this.#restart()
    }
    if (id) this.heard.add(id)
    this.cursor = cursor
    if (has(this.#alone, id)) return false
    this.#items.push(news)
    this.#length += block.data?.length ?? 0
    if (this.#length > LIMIT) this.#restart()
    return true
  }

  take(): Heard | undefined {
    const heard = this.#items.shift()
    this.#length -= heard?.block.data?.length ?? 0
    return heard
  }

  /** A message that was read alone. Whether it waits here: what waits begins after it then. */
  skipTo({ id, event }: Block): boolean {
    if (!id || isOwn(event)) return false
    this.#alone.add(id)
    const place = this.#items.findIndex(({ block }) => block.id === id && !isOwn(block.event))
    for (let n = 0; n <= place; n++) this.take()
    return place >= 0
  }

  #restart(): void {
    this.#items = []
    this.#length = 0
    this.isBehind = true
  }
}

const has = ({ younger, older }: SeenIds, id: string): boolean => younger.has(id) || older.has(id)
