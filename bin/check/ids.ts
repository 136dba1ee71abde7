/** Ids: without them nobody can resume, and each has to be that of one place in the stream. */
import { type Answer, eventsOf } from './answer.ts'
import type { Block } from './block.ts'
import { error, type Judgement, quoted, unjudged, warning } from './finding.ts'

/** Characters: servers refuse requests whose head is longer than 8 KiB or so. */
const LONGEST = 1_024

export function* ids(answer: Answer): Generator<Judgement> {
  const events = eventsOf(answer)
  const given = answer.wire.blocks.flatMap(({ id }) => (id ? [id] : []))
  if (events.length === 0 && given.length === 0) {
    yield unjudged('ids-absent', {
      what: 'No event came, so nothing is known of ids and of coming back',
      fix: 'Check again while events come, or with a longer `--for`',
    })
    return
  }
  if (given.length === 0)
    yield warning('ids-absent', {
      what: 'Events have no ids',
      why: 'A reader that is cut off cannot say where it was: it misses events, or gets them again',
      fix: 'Give each event an id, and go on after the one in Last-Event-ID',
    })
  const repeated = repeats(events)[0]
  if (repeated !== undefined)
    yield error('ids-repeat', {
      what: `Several events have the id ${quoted(repeated)}`,
      why: 'Who comes back with it is taken for being at one of them: the others are lost, or come twice',
      fix: 'Give each event an id of its own',
    })
  yield* unfit(answer, given)
}

/** Ids of more than one place. An event of another name right after one with its id marks that place, and is none. */
export function repeats(events: Block[]): string[] {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  let before: Block | undefined
  for (const event of events) {
    if (!event.id) continue
    if (seen.has(event.id) && !(before?.id === event.id && before.event !== event.event)) repeated.add(event.id)
    seen.add(event.id)
    before = event
  }
  return [...repeated]
}

function* unfit({ wire }: Answer, given: string[]): Generator<Judgement> {
  if (wire.blocks.some(({ fields }) => fields.some(({ name, value }) => name === 'id' && value.includes('\0'))))
    yield warning('id', {
      what: 'An id has a NUL in it',
      why: 'Readers skip such an id, and keep the one before',
      fix: 'Keep ids to `[0-9A-Za-z._~-]`',
    })
  const odd = given.find((id) => !/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(id) || id.length > LONGEST)
  if (odd !== undefined && !odd.includes('\0'))
    yield warning('id', {
      what: `The id ${quoted(odd)} ${odd.length > LONGEST ? `has ${odd.length} characters` : 'is no text for a header'}`,
      why: 'It comes back in Last-Event-ID: clients built on fetch cannot send it, or servers refuse it or read another',
      fix: 'Keep ids short, and to `[0-9A-Za-z._~-]`',
    })
}
