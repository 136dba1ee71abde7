/** Who is let into a room to read. */
import { SseError } from '../errors.ts'
import { notWritten } from './log-keeper.ts'
import { MemoryTickets, type SpentTickets } from './spent-tickets.ts'
import type { Ticket } from './ticket.ts'

export interface DoorOptions {
  /** Which tickets were used. Defaults to none, remembered by this room. */
  tickets?: SpentTickets | undefined
}

export class Door {
  readonly #tickets: SpentTickets

  constructor({ tickets = new MemoryTickets() }: DoorOptions) {
    this.#tickets = tickets
  }

  /** Lets a reader in, in the block that connects it, or throws why not. Its ticket is spent then. */
  admit(ticket: Ticket | undefined): void {
    if (ticket && !this.#spend(ticket))
      throw new SseError('invalid-ticket', 'Cannot subscribe: the ticket was used before, or has expired')
  }

  /** Forgets tickets that have expired. */
  tidy(): void {
    this.#tickets.tidy(Date.now())
  }

  /** Milliseconds until that is worth it. */
  get due(): number | undefined {
    return this.#tickets.due(Date.now())
  }

  #spend({ id, expires }: Ticket): boolean {
    try {
      return this.#tickets.spend(id, expires, Date.now())
    } catch (cause) {
      throw notWritten('subscribe', cause)
    }
  }
}
