/**
 * A rule of your own in who may do what, for the app on every runtime: put a function here.
 *
 * It is asked before what the environment configures. Leave `next` out to replace that; call it to follow it:
 *
 *     export const authorize: Authorize | undefined = async (request, room, action, next) => {
 *       const grant = await next()
 *       return grant && !banned.has(grant.subject) && grant
 *     }
 */
import type { Authorize } from './access/custom.ts'

export const authorize: Authorize | undefined = undefined
