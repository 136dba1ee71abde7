/** A link that is always live, with nothing between it and the room: it shows what was sent. */
import type { Page } from '../../src/rooms/bridge.ts'
import type { Link } from '../../src/rooms/subscribers.ts'
import type { Referee } from './model-referee.ts'

export class Witness implements Link {
  turn = 0
  sent = 0
  readonly #referee: Referee

  constructor(referee: Referee) {
    this.#referee = referee
  }

  attach(turn: number): void {
    this.turn = turn
  }

  receive(_: number, { from, to }: Page): boolean {
    if (from !== '-') this.#referee.must(from === this.sent, `a page from ${from} was sent after ${this.sent}`)
    this.sent = to.seq
    return true
  }
}
