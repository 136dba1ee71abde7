/** One connection of the model: text frames on their way up and down, moved on one by one, and the link at its end. */
import { type Command, decodeCommand, decodePage, encodeCommand, type Page } from '../../src/rooms/bridge.ts'
import type { Holder } from '../../src/rooms/holder.ts'
import { blocksOf } from './model-blocks.ts'
import type { Answer } from './model-list.ts'
import type { Referee } from './model-referee.ts'
import type { ModelLink, ModelRoom } from './model-room.ts'

/** A page on its way to the holder. */
export interface Arriving {
  turn: number
  page: Page
  /** For the answer to an ask: what it has to say. */
  answer: Answer | undefined
}

export class ModelChannel implements ModelLink {
  turn = 0
  asked = 0
  readonly holder: Holder
  readonly #room: ModelRoom
  readonly #referee: Referee
  readonly #page: number
  readonly #up: { text: string; first: boolean }[] = []
  readonly #down: { text: string; answer?: Answer }[] = []

  /** `page` is how many bytes fit in one. */
  constructor(room: ModelRoom, referee: Referee, holder: Holder, page: number) {
    this.#room = room
    this.#referee = referee
    this.holder = holder
    this.#page = page
  }

  /** A command of the holder: it will arrive. `first` is what the holder should say about itself. */
  send(command: Command, first: boolean): void {
    this.#up.push({ text: encodeCommand(command), first })
  }

  /** The next command arrives at the room. False when there is none. */
  up(): boolean {
    const next = this.#up.shift()
    if (!next) return false
    const { must } = this.#referee
    const command = decodeCommand(next.text)
    must(command !== undefined, `the room does not understand ${next.text}`)
    if (!command) return true
    const before = this.#down.length
    const answer = this.#room.command(this, command, next.first)
    must(this.#down.length - before === (answer ? 1 : 0), `${this.#down.length - before} messages answer ${next.text}`)
    const last = this.#down.at(-1)
    if (answer && last) last.answer = answer
    return true
  }

  /** The next page arrives at the holder. */
  down(): Arriving | undefined {
    const next = this.#down.shift()
    const decoded = next && decodePage(next.text)
    this.#referee.must(!next || decoded !== undefined, 'the holder does not understand a page')
    return decoded && { ...decoded, answer: next?.answer }
  }

  attach(turn: number): void {
    this.turn = turn
  }

  receive(turn: number, page: Page): boolean {
    const { must } = this.#referee
    this.#room.checkPage(this, turn, page)
    const events = blocksOf(page).filter(({ isEvent }) => isEvent)
    const bytes = events.reduce((sum, block) => sum + block.bytes, 0)
    must(events.length <= 1 || bytes <= this.#page, `a page of ${events.length} events holds ${bytes} bytes`)
    this.#down.push({ text: page.encode(turn) })
    return true
  }

  /** True while nothing is on its way up. */
  get quiet(): boolean {
    return this.#up.length === 0
  }
}
