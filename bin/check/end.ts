/** What comes after the end: an EventSource comes back by itself, and must not make the source run again. */
import { type Answer, cursorsOf, eventsOf, isAnswer, type NoAnswer } from './answer.ts'
import type { Block } from './block.ts'
import { error, type Judgement, lasting, note, quoted, unjudged, warning } from './finding.ts'
import { brokenAfter, tooLong } from './heartbeat.ts'
import type { Limits } from './limits.ts'

/** Events that are compared. */
export const COMPARED = 3
const FIX = 'Answer 204 to who comes back after the end: EventSource then stays away'
/** Names under which streams say that they are over. */
const END = /(^|[._-])(end|ended|done|close|closed|complete|completed|finish|finished|stop|eof)$/i

export function* end(ended: Answer, back: Answer | NoAnswer | undefined, limits: Limits): Generator<Judgement> {
  // A cut for silence is told of with the heartbeat.
  if (ended.end === 'broken' && ended.flaw === undefined && brokenAfter(ended, tooLong(ended, limits)) === undefined)
    yield warning('end', {
      what: `The stream broke off after ${lasting(ended.endAt)}, without an end`,
      why: 'Readers come back at once, all together where it was for all',
      fix: 'Look for a limit on how long an answer may take, and end streams before it, each at another time',
    })
  if (ended.end !== 'ended') return
  if (!isAnswer(back) || back.status === 429 || back.status >= 500) {
    yield unjudged('end', {
      what: `Coming back after the end ${isAnswer(back) ? `was answered with ${back.status}` : 'had no answer'}`,
    })
    return
  }
  if (back.status === 204) return
  if (back.status !== 200)
    yield note('end', {
      what: `Coming back after the end is answered with ${back.status}`,
      why: 'EventSource stays away, and tells its page of an error',
      fix: FIX,
    })
  else if (ranAgain(ended, back)) yield rerun(ended)
  else if (eventsOf(back).length === 0 && back.end === 'ended')
    yield warning('end', {
      what: 'Who comes back after the end gets a stream that ends without a word',
      why: 'EventSource comes back to it for ever, every few seconds',
      fix: FIX,
    })
  else if (cursorsOf(ended).length === 0)
    yield warning('end', {
      what: 'The stream ends, and who comes back gets another',
      why: 'EventSource comes back by itself: if what it streams has an end, it runs again and again',
      fix: `If it has one: ${FIX.charAt(0).toLowerCase()}${FIX.slice(1)}. If not: keep it open, and give events ids`,
    })
}

function rerun(ended: Answer): Judgement {
  const last = eventsOf(ended).at(-1)
  const what = 'Who comes back after the end gets everything again: the source runs once more'
  const why = 'EventSource comes back by itself: a job starts again, a model is asked again, for ever'
  if (last?.data === '[DONE]')
    return note('end', {
      what: `${what}. Readers that know \`[DONE]\` stop there, EventSource does not`,
      why,
      fix: FIX,
    })
  if (last?.event !== undefined && END.test(last.event))
    return warning('end', { what: `${what}. Only who closes at ${quoted(last.event)} stops there`, why, fix: FIX })
  return error('end', { what, why, fix: FIX })
}

/** The same ids, or without ids the same events from the first on. */
function ranAgain(ended: Answer, back: Answer): boolean {
  const events = eventsOf(back)
  const ids = new Set(cursorsOf(ended).slice(0, -1))
  if (events.some(({ id }) => id && ids.has(id))) return true
  const before = eventsOf(ended).slice(0, COMPARED)
  return before.length > 0 && before.every((event, index) => isSame(event, events[index]))
}

const isSame = (one: Block, other: Block | undefined): boolean =>
  one.event === other?.event && one.data === other?.data && one.id === other?.id
