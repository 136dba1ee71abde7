/** Everybody who has the one secret: https://www.rfc-editor.org/rfc/rfc6750 */
import { SseError } from '../errors.ts'
import type { Access } from './access.ts'

export const secretAccess = (secret: string): Access => ({
  async authorize(request) {
    const authorization = request.headers.get('authorization') ?? ''
    // Two headers arrive joined by a comma, which no bearer token holds.
    if (/^bearer .*,|, *bearer /i.test(authorization))
      throw new SseError('malformed-request', 'Cannot authorize: there is more than one Authorization header')
    const [, token = ''] = /^bearer +([^ ]+) *$/i.exec(authorization) ?? []
    if (!(await isSame(token, secret)))
      throw new SseError('unauthorized', 'Cannot authorize: the bearer token is missing or wrong')
    return { subject: '' }
  },
})

/** Compares digests, so that neither the time nor the length tells how much of a guess was right. */
async function isSame(one: string, other: string): Promise<boolean> {
  const encoder = new TextEncoder()
  const [a, b] = await Promise.all(
    [one, other].map(async (text) => new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)))),
  )
  let difference = 0
  for (let index = 0; index < 32; index++) difference |= (a?.[index] ?? 0) ^ (b?.[index] ?? 1)
  return difference === 0
}
