/** What a holder does, as `decisions/001-bridge.md` has it: the real one is held against this, command by command. */
import { type Command, isCursor, type Page, type Position } from '../../src/rooms/bridge.ts'
import type { Cursor } from '../../src/rooms/cursor.ts'
import { blocksOf } from './model-blocks.ts'
import type { Arriving } from './model-channel.ts'
import type { Answer, PublishedList } from './model-list.ts'
import type { Referee } from './model-referee.ts'

/** What an arriving page has to bring about: each is struck out as the holder does it. */
export interface Due {
  take?: Page
  live?: Cursor
  end?: true
  stop?: true
}

export class ModelHolder {
  position: Position
  state: 'down' | 'idle' | 'asked' | 'live' = 'down'
  turn = 0
  /** Whether a page was taken, and `stream.live` told. */
  taken = false
  told = false
  readonly #published: PublishedList
  readonly #referee: Referee

  constructor(published: PublishedList, referee: Referee, position: Position) {
    this.#published = published
    this.#referee = referee
    this.position = position
  }

  get seq(): number | undefined {
    return isCursor(this.position) ? this.position.seq : undefined
  }

  opens(): void {
    this.turn++
    this.state = 'idle'
  }

  /** It sends a command; `full`: its stream is over budget. */
  sends(command: Command, due: Due, full: boolean): void {
    const { must, reach } = this.#referee
    must(command.turn === ++this.turn, `turn ${command.turn} where ${this.turn} is due`)
    if ('position' in command) {
      must(this.state === 'idle', `asked while ${this.state}`)
      must(!full, 'asked over budget')
      must(command.position === this.position, 'asked from another position')
      must(command.first !== this.taken, `asked with first ${command.first}`)
      this.state = 'asked'
    } else {
      must(due.stop === true, 'a stop is not due')
      delete due.stop
      this.state = 'idle'
      reach('a reader that lags')
    }
  }

  /** What has to come of a page that arrives. */
  arrives({ turn, page, answer }: Arriving, full: boolean): Due {
    const { must, reach } = this.#referee
    if (turn !== this.turn || this.state === 'down') {
      reach('a late page')
      return {}
    }
    must(page.from === (this.seq ?? '-'), `a page from ${page.from} at ${this.seq}`)
    must(this.state === (answer ? 'asked' : 'live'), `a page while ${this.state}`)
    if (!answer && full && page.live !== 2) {
      if (page.to.seq !== page.from) return { stop: true }
      reach('presence over budget')
      return {}
    }
    if (full) reach('the end over budget')
    this.#follow(page, answer)
    this.taken = true
    const due: Due = page.blocks ? { take: page } : {}
    if (page.live > 0 && !this.told) due.live = page.to
    this.told ||= page.live > 0
    if (page.live === 2) due.end = true
    this.state = page.live === 0 ? 'idle' : page.live === 1 ? 'live' : 'down'
    return due
  }

  /** Follows what a page says, event by event, along what was published. */
  #follow(page: Page, answer: Answer | undefined): void {
    const { must, reach } = this.#referee
    const messages = blocksOf(page).map(({ message }) => message)
    const events = messages.filter(({ event }) => !event?.startsWith('stream.'))
    const gaps = messages.filter(({ event }) => event === 'stream.gap')
    must(gaps.length === (answer?.gap ? 1 : 0), `${gaps.length} gaps where ${answer?.gap?.gap.reason} is due`)
    if (answer?.gap) {
      reach(`a gap: ${answer.gap.gap.reason}`)
      const { id, data } = messages[0] ?? {}
      must(id === answer.gap.id && data === JSON.stringify(answer.gap.gap), `${data} is not ${JSON.stringify(answer)}`)
    }
    let at = answer?.gap ? Number.parseInt(answer.gap.id, 10) : this.seq
    if (at === undefined) {
      at = events[0] ? Number.parseInt(events[0].id ?? '', 10) - 1 : page.to.seq
      const { earliest = -1, latest = -1 } = answer?.start ?? {}
      must(at >= earliest && at <= latest, `began after ${at}, not from ${earliest} to ${latest}`)
    }
    for (const { id, data } of events) {
      const published = this.#published.at(++at)
      must(id === `${at}-${published?.tag}` && data === published?.data, `${id} came where ${at} is due`)
    }
    const { seq, tag } = this.#published.cursorAt(at)
    must(page.to.seq === seq && page.to.tag === tag, `a page to ${page.to.seq} ends with ${at}`)
    this.position = page.to
  }
}
