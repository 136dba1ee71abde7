/** `share` where there are no locks: Bun and Workers. */
import { describe, expect, it } from 'vitest'
import { share } from '../../../src/client/share.ts'
import { StreamConnection } from '../../../src/client/stream-connection.ts'

/** Registers the tests. */
export function shareAloneSuite(): void {
  describe('share without locks', () => {
    it('is connect', async () => {
      let dials = 0
      const fetch = async (): Promise<Response> => {
        dials++
        return new Response('id: 1\ndata: 1\n\n', { headers: { 'content-type': 'text/event-stream' } })
      }
      for (const _ of [1, 2]) {
        const messages = share('http://share.example/events', { fetch, name: 'together' })
        expect(messages).toBeInstanceOf(StreamConnection)
        for await (const { data } of messages) {
          expect(data).toBe('1')
          break
        }
        expect(messages.lastEventId).toBe('1')
      }
      expect(dials).toBe(2)
    })
  })
}
