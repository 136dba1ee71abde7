/** Coming back with an id: what was seen to follow it has to be what comes next. */
import { type Answer, cursorsOf, eventsOf, isAnswer, isSendable, type NoAnswer } from './answer.ts'
import type { Block } from './block.ts'
import { error, type Judgement, lasting, note, quoted, unjudged } from './finding.ts'
import { repeats } from './ids.ts'
import type { Limits } from './limits.ts'

export interface Cut {
  /** The id to come back with. */
  after: string
  /** The id that was seen to follow. */
  next: string
  /** How long something may take to come: longer where it took long before. */
  patience: number
}

/** Where to cut: near the end, which no log has forgotten, and where at least one more followed. */
export function cutOf(watched: Answer, limits: Limits): Cut | undefined {
  const ids = cursorsOf(watched)
  const index = Math.max(0, ids.length - 3)
  const [after, next] = [ids[index], ids[index + 1]]
  if (after === undefined || next === undefined || !ids.every(isSendable)) return undefined
  if (repeats(eventsOf(watched)).length > 0) return undefined
  const at = (id: string): number => watched.wire.blocks.find((block) => block.id === id)?.at ?? 0
  return { after, next, patience: Math.max(limits.patience, 3 * (at(next) - at(after))) }
}

/** A server says itself that something is missing. */
export const saysGap = ({ event = '', data = '' }: Block): boolean =>
  /gap|reset|miss|lost|lag|expired|resync|stale|unknown|replay|truncat|error/i.test(event) || /^\{"error"/.test(data)

/** The blocks that move the cursor: one that repeats the id that was asked for, under another name, marks that place. */
export function moves(resumed: Answer, after: string, watched: Answer): Block[] {
  const asked = watched.wire.blocks.find(({ id }) => id === after)
  return resumed.wire.blocks.filter(
    ({ id, event, data }) => id && !(id === after && (data === undefined || event !== asked?.event)),
  )
}

export function* resume(
  watched: Answer,
  cut: Cut | undefined,
  resumed: Answer | NoAnswer | undefined,
): Generator<Judgement> {
  if (cut === undefined) {
    if (cursorsOf(watched).length > 0)
      yield unjudged('resume', {
        what: 'It takes two events, each with an id of its own that a header can hold: there were none such',
        fix: 'Check again while events come, or with a longer `--for`',
      })
    return
  }
  const isSilent = resumed !== undefined && !isAnswer(resumed) && resumed.failed === 'timeout'
  if (!isSilent && (!isAnswer(resumed) || resumed.status === 429 || resumed.status >= 500)) {
    yield unjudged('resume', {
      what: `Coming back with an id ${isAnswer(resumed) ? `was answered with ${resumed.status}` : 'had no answer'}`,
    })
    return
  }
  const how = isAnswer(resumed) ? fault(watched, cut, resumed) : 'not even a head came'
  if (how === undefined) return
  if (isAnswer(resumed) && resumed.wire.blocks.some(saysGap))
    yield note('resume', {
      what: `After ${quoted(cut.after)} ${how}, and the stream says that something is missing`,
      fix: 'Keep events for as long as readers may be away',
    })
  else
    yield error('resume', {
      what: `After ${quoted(cut.after)} there was ${quoted(cut.next)}. To who comes back with Last-Event-ID ${quoted(cut.after)} ${how}`,
      why: 'Every reader that was cut off for a moment loses events, or gets them twice',
      fix: 'Keep the last events, and begin with the one after Last-Event-ID; where that is impossible, say so in an event',
    })
}

/** What was wrong with it; nothing where the next event came next. */
function fault(watched: Answer, { after, next, patience }: Cut, resumed: Answer): string | undefined {
  if (resumed.status === 204) return 'the answer was 204, which says that there is no more'
  if (resumed.status !== 200) return `the answer was ${resumed.status}`
  const first = moves(resumed, after, watched)[0]?.id
  if (first === undefined && eventsOf(resumed).length > 0) return 'came events without an id'
  if (first === undefined) return resumed.end === 'ended' ? 'came the end' : `nothing came for ${lasting(patience)}`
  if (first === next) return undefined
  if (first === after) return 'that one came again'
  const seen = cursorsOf(watched)
  const place = seen.includes(first) ? seen.indexOf(first) - seen.indexOf(after) : compare(first, after)
  if (place === undefined) return `came ${quoted(first)}, which was not there before`
  return place > 0
    ? `came ${quoted(first)}: events were skipped`
    : `came ${quoted(first)}: the stream began before that`
}

/** Of ids that count. */
function compare(one: string, other: string): number | undefined {
  const [a, b] = [one, other].map((id) => (/^\d{1,40}$/.test(id) ? BigInt(id) : undefined))
  return a === undefined || b === undefined ? undefined : a > b ? 1 : -1
}
