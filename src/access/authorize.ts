/** Whether a request may do what it asks for, by whatever it brings: a ticket, or what the access mode takes. */
import { SseError } from '../errors.ts'
import type { Access, Action, Grant } from './access.ts'
import { unauthorized } from './bearer.ts'
import { invalidTicket } from './tickets.ts'

/** Names under which people put tokens into URLs, where logs, histories and `Referer` keep them. */
const TOKEN_NAMES = /^(access_?token|id_?token|token|jwt|bearer|auth|authorization|secret|api_?key|password)$/i
const JWT = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/

export interface Asked {
  /** `''` where it is about none. */
  room: string
  action: Action
  /** A ticket is good for: one event stream of a room. */
  takesTicket?: boolean
}

/**
 * Who asks. Rejects with `token-in-url`, `invalid-ticket`, `forbidden`, and with what the access mode refuses.
 */
export async function authorize(request: Request, access: Access, asked: Asked): Promise<Grant> {
  const { searchParams } = new URL(request.url)
  for (const [name, value] of searchParams)
    if (name !== 'ticket' && (TOKEN_NAMES.test(name) || JWT.test(value)))
      throw new SseError('token-in-url', 'Cannot authorize: there is a token in the URL')
  const ticket = searchParams.get('ticket')
  if (ticket !== null) {
    if (!access.tickets || !asked.takesTicket) throw invalidTicket()
    return access.tickets.redeem(ticket, asked.room)
  }
  const grant = await access.authorize(request, asked.room, asked.action)
  if (!grant) throw new SseError('forbidden', 'Cannot answer: there is no right to do this here')
  checkGrant(grant)
  // So that a time that is no number has ended too.
  if (grant.expires !== undefined && !(grant.expires > Date.now())) throw unauthorized('exp')
  return grant
}

/** A rule of one's own may say anything, `true` for example: what is no grant lets nobody in. */
function checkGrant({ subject, expires }: Grant): void {
  const isTime = expires === undefined || typeof expires === 'number'
  if (typeof subject === 'string' && subject.length <= 512 && isTime) return
  throw new Error('Cannot authorize: what was granted is not { subject, expires? }, a text and milliseconds since 1970')
}
