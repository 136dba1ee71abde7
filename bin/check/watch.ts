/** Until when a stream is read, in milliseconds after its request. */
import { type Answer, header } from './answer.ts'
import { announced } from './heartbeat.ts'
import { type Limits, WATCHED } from './limits.ts'

/** As long as was asked for; else 20 s, and on while it is silent, until that is too long or over. */
export function untilWatched(answer: Answer, now: number, { for: time, silence, enough }: Limits): number {
  if (enough?.(answer)) return now
  if (time !== undefined) return time
  const last = answer.pieces.at(-1)?.at ?? answer.headAt
  if (last >= WATCHED) return now
  const isSilent = announced(answer) === undefined && last < WATCHED / 2
  return isSilent ? Math.max(WATCHED, last + silence) : WATCHED
}

export function untilCompressed(answer: Answer, { for: time = WATCHED }: Limits): number {
  const isCompressed = (header(answer, 'content-encoding') ?? 'identity') !== 'identity'
  return isCompressed && answer.wire.blocks.length < 3 ? time : 0
}
