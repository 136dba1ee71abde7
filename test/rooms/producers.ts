/** Producers whose steps a test decides: by what it says in their room, which works wherever that lives. */
import { SseError } from '../../src/errors.ts'
import { sleep } from '../../src/interval.ts'
import type { Producers } from '../../src/rooms/producer.ts'
import type { Room } from '../../src/rooms/room.ts'

/** Never to be seen by a reader. */
export const SECRET = 'hunter2'

export const producers: Producers = {
  /** `{ n: 1 }` … `{ n: to }`. */
  async *count(input) {
    const { to } = input as { to: number }
    for (let n = 1; n <= to; n++) yield { event: 'count', data: { n } }
  },

  /** Begins, goes on when `go` was said, and ends as its input wants it. */
  async *wait(input, { signal, room, run }) {
    const { end = 'well' } = input as {
      end?: 'well' | 'returns' | 'returns too large' | 'says' | 'throws' | 'misleads' | 'forges' | 'too large'
    }
    yield { event: 'begun', data: { run } }
    await said('go', room, signal)
    if (end === 'says')
      throw new SseError('upstream-busy', 'Cannot answer: ask later', { retryAfter: 7, cause: SECRET })
    if (end === 'returns') return { event: 'went', data: { run } }
    if (end === 'returns too large') return { data: 'x'.repeat(262_144) }
    if (end === 'throws') throw new Error(`the password is ${SECRET}`)
    if (end === 'misleads') yield { data: undefined }
    if (end === 'forges') yield { event: 'stream.live', data: {} }
    if (end === 'too large') yield { data: 'x'.repeat(262_144) }
    yield { event: 'went', data: { run } }
  },
}

/** Not by a live `read`, which would count as a subscriber. */
async function said(event: string, room: Room, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for await (const message of room.read({ live: false })) if (message.event === event) return
    await sleep(5, signal)
  }
}
