/** Everybody who reaches this machine's own address: for development. */
import { SseError } from '../errors.ts'
import type { Access } from './access.ts'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Lets everyone in, by a name of this machine alone: a page of another site that points its own name at 127.0.0.1 (DNS
 * rebinding) would otherwise act for whoever visits it.
 */
export const openAccess: Access = {
  admit(request) {
    const host = request.headers.get('host')
    const names = [
      URL.parse(request.url)?.hostname ?? '',
      ...(host === null ? [] : [host.replace(/:\d*$/, '').toLowerCase()]),
    ]
    if (!names.every((name) => LOOPBACK.has(name)))
      throw new SseError('misdirected-host', 'Cannot answer: the Host header is not a name of this machine')
  },
  authorize: () => ({ subject: '' }),
}
