/** Fields that readers skip or misread. */
import type { Answer } from './answer.ts'
import { KNOWN } from './block.ts'
import { counted, error, type Judgement, quoted, warning } from './finding.ts'
import { forgedLines } from './forged.ts'

/** Milliseconds of `retry` that no reader waits for. */
const LONGEST_RETRY = 3_600_000

export function* fields(answer: Answer): Generator<Judgement> {
  const fields = answer.wire.blocks.flatMap((block) => block.fields)
  const claimed = new Set(forgedLines(answer).map(({ line }) => line))
  const unknown = fields.filter(({ name, line }) => !KNOWN.has(name) && !claimed.has(line))
  if (unknown[0])
    yield warning('unknown-field', {
      what: `${counted(unknown.length, 'line')} that readers skip: ${quoted(unknown[0].line.text)}`,
      why: 'The fields are `data`, `event`, `id` and `retry`, in small letters, from the beginning of the line',
      fix: 'Put it into `data`, or into a comment that begins with a colon',
    })
  const name = fields.find(({ name, value }) => name === 'event' && /(^|[\s,])(data|event|id|retry):/.test(value))
  if (name)
    yield warning('name', {
      what: `The name of an event looks like fields: ${quoted(name.value)}`,
      why: 'That is what is left of a line break in a name that somebody else chose',
      fix: 'Refuse names with line breaks, instead of cleaning them',
    })
  yield* retries(fields.filter((field) => field.name === 'retry').map(({ value }) => value))
  yield* unfinished(answer)
}

function* retries(values: string[]): Generator<Judgement> {
  const bad = values.find((value) => !/^\d+$/.test(value))
  if (bad !== undefined)
    yield warning('retry', {
      what: `\`retry\` is ${quoted(bad)}`,
      why: 'Readers skip what is not digits alone',
      fix: 'Give whole milliseconds',
    })
  const absurd = values.find((value) => /^\d+$/.test(value) && (Number(value) === 0 || Number(value) > LONGEST_RETRY))
  if (absurd !== undefined)
    yield warning('retry', {
      what: `\`retry\` is ${quoted(absurd)} milliseconds`,
      why: Number(absurd) === 0 ? 'Everybody comes back at once, and again and again' : 'Nobody waits that long',
      fix: 'Give a few seconds, another number to each reader',
    })
}

/** What the end of a stream cut off is dispatched to nobody. */
function* unfinished({ wire, end }: Answer): Generator<Judgement> {
  const last = [...wire.open.map(({ text }) => text), wire.rest.toString('utf8')]
  if (end !== 'ended' || !last.some((line) => line.startsWith('data'))) return
  yield error('unfinished', {
    what: `The stream ends inside an event: ${quoted(last.join('\n'))}`,
    why: 'Readers drop an event that no empty line follows',
    fix: 'End each event, the last one too, with an empty line',
  })
}
