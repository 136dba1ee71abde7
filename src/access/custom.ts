/** A rule of one's own, in place of another or after it. */
import type { Access, Action, Grant } from './access.ts'

/**
 * Decides who may do what: who it is, or false. `next` asks the access it is put before: leave it out to replace that,
 * call it to follow it. An `SseError` that is thrown is the answer; anything else is a 500, and nobody is let in.
 */
export type Authorize = (
  request: Request,
  room: string,
  action: Action,
  next: () => Promise<Grant | false>,
) => Grant | false | Promise<Grant | false>

/**
 * @example
 * ```ts
 * import { type Access, customAccess, secretAccess } from 'edge-sse/access'
 * const banned = new Set(['eve'])
 * export const access: Access = customAccess(async (_request, _room, _action, next) => {
 *   const grant = await next()
 *   return grant && !banned.has(grant.subject) && grant
 * }, secretAccess('open-sesame'))
 * ```
 */
export const customAccess = (authorize: Authorize, before: Access): Access => ({
  ...before,
  authorize: (request, room, action) =>
    authorize(request, room, action, async () => before.authorize(request, room, action)),
})
