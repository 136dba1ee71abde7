/** What lets one reader in, once: how it is given, and how it travels to where the room lives. */
import { SseError } from '../errors.ts'

export interface Ticket {
  /** 1 to 64 of `A-Z a-z 0-9 _ -`, drawn at random: whoever makes tickets never makes two with the same. */
  id: string
  /** Until when it lets somebody in, in milliseconds since 1970: for so long it is remembered that it was used. */
  expires: number
}

/** Throws `invalid-option` for what is no ticket. */
export function checkTicket(ticket: Ticket): Ticket {
  const { id, expires } = ticket
  if (typeof id !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(id))
    throw new SseError('invalid-option', 'Cannot subscribe: `ticket.id` is not 1 to 64 of A-Z a-z 0-9 _ -', {
      field: 'ticket.id',
    })
  if (!Number.isFinite(expires))
    throw new SseError('invalid-option', 'Cannot subscribe: `ticket.expires` is not a number of milliseconds', {
      field: 'ticket.expires',
    })
  return { id, expires }
}

export const encodeTicket = ({ id, expires }: Ticket): string => `${expires} ${id}`

/** What is no ticket is one that has expired. */
export function decodeTicket(text: string): Ticket {
  const [expires, id = ''] = text.split(' ')
  return { id, expires: Number(expires) }
}
