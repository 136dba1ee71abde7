/**
 * Tickets: a right to read one room, in a URL, for one stream that opens within 30 seconds. For a browser's `EventSource`,
 * which can send nothing else. They are signed, not stored; the room keeps those that were used until they have expired.
 */
import { jwtVerify, SignJWT } from 'jose'
import { SseError } from '../errors.ts'
import type { Grant } from '../grant.ts'

/** Seconds. */
const LIFETIME = 30
const TYPE = 'edge-sse-ticket'

export interface Ticket {
  ticket: string
  /** In milliseconds since 1970. */
  expires: number
}

export interface Tickets {
  /** One ticket for one room and the subject of `grant`; the stream it opens ends when the grant does. */
  issue(room: string, grant: Grant): Promise<Ticket>
  /** What a ticket for this room grants; whether it was used before is for the room to say. Rejects with `invalid-ticket`. */
  redeem(ticket: string, room: string): Promise<Grant>
}

/** Tickets of whoever has this secret; they are no tokens, whatever else the secret signs. */
export function ticketsFrom(secret: string): Tickets {
  let made: Uint8Array | undefined
  const key = async (): Promise<Uint8Array> => {
    const text = new TextEncoder().encode(`${TYPE}\n${secret}`)
    made ??= new Uint8Array(await crypto.subtle.digest('SHA-256', text))
    return made
  }
  return {
    async issue(room, { subject, expires = Number.POSITIVE_INFINITY }) {
      const exp = Math.ceil(Math.min(Date.now() + LIFETIME * 1000, expires) / 1000)
      const until = expires === Number.POSITIVE_INFINITY ? undefined : expires // JSON has no infinity.
      const ticket = await new SignJWT({ room, sub: subject, until, exp, jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'HS256', typ: TYPE })
        .sign(await key())
      return { ticket, expires: exp * 1000 }
    },
    async redeem(ticket, room) {
      try {
        const { payload } = await jwtVerify<{ room: string; until?: number }>(ticket, await key(), {
          algorithms: ['HS256'],
          typ: TYPE,
          requiredClaims: ['exp', 'jti', 'sub'],
        })
        const { jti = '', sub: subject = '', exp = 0, until } = payload
        if (payload.room !== room) throw new Error('It is for another room')
        return { subject, expires: until, ticket: { id: jti, expires: exp * 1000 } }
      } catch {
        throw invalidTicket()
      }
    },
  }
}

export const invalidTicket = (): SseError =>
  new SseError('invalid-ticket', 'Cannot open stream: the ticket is not valid here, or not any more')
