/** Whether a silent stream says that it is alive, and in a way that readers do not take for an event. */
import type { Answer } from './answer.ts'
import type { Block } from './block.ts'
import { counted, error, type Judgement, lasting, quoted, unjudged, warning } from './finding.ts'
import type { Limits } from './limits.ts'

const WHY = 'What is silent is cut: by Bun after 10 s, by most proxies after 60 to 100 s, and readers take it for dead'
const FIX = 'Send a comment, `: ` and an empty line, after 15 s of silence'
/** A cut after less than that, in milliseconds, was not for silence. */
const SHORT = 4_000

/** How often the server says that it beats, in milliseconds: `: heartbeat=15`. */
export function announced({ wire }: Answer): number | undefined {
  for (const { fields } of wire.blocks.slice(0, 3))
    for (const { name, value } of fields) {
      const seconds = name === '' ? /^heartbeat=(\d{1,4}(?:\.\d{1,3})?)$/.exec(value)?.[1] : undefined
      if (seconds !== undefined) return Number(seconds) * 1_000
    }
  return undefined
}

/** The silence that is too long. */
export function tooLong(answer: Answer, { silence }: Limits): number {
  const period = announced(answer)
  return period === undefined ? silence : period * 1.2 + 1_000
}

/** The connection broke, and long after the last byte, in milliseconds. */
export function brokenAfter({ end, endAt, headAt, pieces }: Answer, limit: number): number | undefined {
  const silence = endAt - (pieces.at(-1)?.at ?? headAt)
  return end === 'broken' && silence >= Math.min(SHORT, limit) ? silence : undefined
}

export function* heartbeat(answer: Answer, limits: Limits): Generator<Judgement> {
  yield* heartbeatEvents(answer.wire.blocks)
  const period = announced(answer)
  const times = [answer.headAt, ...answer.pieces.map(({ at }) => at)]
  const tail = answer.endAt - (times.at(-1) ?? 0)
  const longest = times.reduce((most, at, index) => Math.max(most, at - (times[index - 1] ?? at)), tail)
  const limit = tooLong(answer, limits)
  const cut = brokenAfter(answer, limit)
  if (cut !== undefined)
    yield error('heartbeat', { what: `The connection broke after ${lasting(cut)} of silence`, why: WHY, fix: FIX })
  else if (longest >= limit)
    yield warning('heartbeat', {
      what: `Nothing came for ${lasting(longest)}${period === undefined ? '' : `, though it says that it beats every ${lasting(period)}`}`,
      why: WHY,
      fix: FIX,
    })
  else if (answer.end === 'stopped' && !hasBeat(answer))
    yield unjudged('heartbeat', {
      what: `The longest silence was ${lasting(longest)}: too short to tell whether it beats`,
      fix: `Check while no events come, for ${lasting(Math.ceil((limit * 1.1) / 1_000) * 1_000)} or longer (\`--for\`)`,
    })
}

/** A comment after a while: not the first one, which opens the stream. */
const hasBeat = ({ wire, headAt }: Answer): boolean =>
  wire.blocks.some(({ fields, at }, index) => index > 0 && at - headAt > 100 && fields.every(({ name }) => name === ''))

function* heartbeatEvents(blocks: Block[]): Generator<Judgement> {
  const empty = blocks.filter(({ event, data }) => (event ? data === undefined : false))
  const beats = blocks.filter(
    ({ event, data }) => data === '' && (!event || /^(ping|heart-?beat|keep-?alive)$/i.test(event)),
  )
  const [example] = [...empty, ...beats]
  if (example === undefined) return
  const name = example.event ? `named ${quoted(example.event)} ` : ''
  yield warning('heartbeat-event', {
    what: `${counted(empty.length + beats.length, 'event')} ${name}without data`,
    why: 'Clients differ: some skip it, some hand it on as an empty message, and some fail to parse that as JSON',
    fix: 'Beat with a comment, `: ` and an empty line; give an event that means something data',
  })
}
