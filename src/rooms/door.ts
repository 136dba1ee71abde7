/** Who is let into a room, to read and to be heard. */
import { SseError } from '../errors.ts'
import { checkLimits, type RoomLimits } from './limits.ts'
import { notWritten } from './log-keeper.ts'
import { PublishLimiter } from './publish-limiter.ts'
import { MemoryTickets, type SpentTickets } from './spent-tickets.ts'
import type { Ticket } from './ticket.ts'

export interface DoorOptions {
  /** How much the room takes. */
  limits?: RoomLimits | undefined
  /** Which tickets were used. Defaults to none, remembered by this room. */
  tickets?: SpentTickets | undefined
}

/** Seconds after which who found the room full may look again. */
const COME_BACK = 5

export class Door {
  readonly #readers: number
  readonly #limiter: PublishLimiter | undefined
  readonly #tickets: SpentTickets

  constructor({ limits = {}, tickets = new MemoryTickets() }: DoorOptions) {
    const checked = checkLimits(limits)
    this.#readers = checked.readers
    if (checked.publishes || checked.publishesPerSubject) this.#limiter = new PublishLimiter(checked)
    this.#tickets = tickets
  }

  /** Takes messages from outside, or throws why not. */
  hear(count: number, subject: string): void {
    this.#limiter?.take(count, subject)
  }

  /** It knows what nobody else does: who has published lately. */
  get busy(): boolean {
    return this.#limiter?.busy ?? false
  }

  /** Lets a reader in beside `readers`, in the block that connects it, or throws why not. Its ticket is spent then. */
  admit(readers: number, ticket: Ticket | undefined): void {
    if (readers >= this.#readers)
      throw new SseError('too-many-connections', 'Cannot subscribe: the room has as many readers as it takes', {
        field: 'readers',
        retryAfter: COME_BACK,
      })
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
