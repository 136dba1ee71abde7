/** Examines an endpoint: asks, at most a dozen times and never but by GET and OPTIONS, and lets each rule look at the answers. */
import { type Answer, cursorsOf, eventsOf, isAnswer, isSendable, type NoAnswer } from './answer.ts'
import { arrival } from './arrival.ts'
import { Asker, type Asks, comingBack } from './asker.ts'
import { compression } from './compression.ts'
import { contentType } from './content-type.ts'
import { type Asking, cors, needsPreflight } from './cors.ts'
import { COMPARED, end } from './end.ts'
import { fields } from './fields.ts'
import { type Finding, type Judgement, lasting, type Unjudged, unjudged } from './finding.ts'
import { forged } from './forged.ts'
import { gap, impossible } from './gap.ts'
import { headers } from './headers.ts'
import { heartbeat } from './heartbeat.ts'
import { ids } from './ids.ts'
import { WATCHED } from './limits.ts'
import { reach, shown } from './reach.ts'
import { cutOf, moves, resume, saysGap } from './resume.ts'
import { status } from './status.ts'
import { text } from './text.ts'
import { untilCompressed, untilWatched } from './watch.ts'

export interface Examination extends Asks, Asking {
  /** Told what is done now. */
  onStage?(what: string): void
}

export interface Report {
  /** Where it was examined: where the redirects led. */
  url: string
  /** The worst first. */
  findings: Finding[]
  unjudged: Unjudged[]
  requests: number
  milliseconds: number
}

const SEVERITIES = ['error', 'warning', 'note'] as const

/** Throws where there is nobody to examine, and when `signal` aborts. */
export async function examine(examination: Examination): Promise<Report> {
  const { limits, onStage = () => {} } = examination
  const started = performance.now()
  const asker = new Asker(examination)
  const judgements: Judgement[] = []

  onStage(`watches it for ${lasting(limits.for ?? WATCHED)}`)
  let compressed: Promise<Answer | NoAnswer | undefined> | undefined
  const {
    url,
    answer: watched,
    findings,
  } = await reach(examination.url, (url, isOwn) => {
    asker.url = url
    asker.isOwn = isOwn
    return asker.get({ 'accept-encoding': 'identity' }, (answer, now) => {
      if (answer.status !== 200) return 0
      // Beside it, so that both see the same. That it was aborted is told by the one that is watched.
      compressed ??= asker.get(GZIP, (other) => untilCompressed(other, limits)).catch(() => undefined)
      return untilWatched(answer, now, limits)
    })
  })
  judgements.push(...findings)
  if (!isAnswer(watched) && watched.failed === 'connection') throw new Error(`Cannot check: ${watched.why}`)
  judgements.push(...status(watched, limits))
  if (isAnswer(watched) && watched.status === 200) {
    judgements.push(...contentType(watched), ...headers(watched), ...compression(watched, await compressed, limits))
    if (isEventStream(watched)) judgements.push(...(await examineStream(watched, asker, examination)))
    else judgements.push(unjudged('answer', { what: 'The rest: what came is no event stream' }))
  }
  return {
    url: shown(url),
    findings: SEVERITIES.flatMap((severity) => judgements.filter((each) => each.severity === severity) as Finding[]),
    unjudged: judgements.filter((each) => each.severity === 'not judged'),
    requests: asker.requests,
    milliseconds: Math.round(performance.now() - started),
  }
}

const GZIP = { 'accept-encoding': 'gzip, deflate, br' }

async function examineStream(watched: Answer, asker: Asker, examination: Examination): Promise<Judgement[]> {
  const { limits, onStage = () => {} } = examination
  const judgements = [arrival(watched, limits), heartbeat(watched, limits), text(watched), forged(watched)].flatMap(
    (found) => [...found],
  )
  judgements.push(...fields(watched), ...ids(watched))

  const cut = cutOf(watched, limits)
  // Where the head waits for the first event, it takes as long.
  asker.timeout = Math.max(limits.patience + 2 * watched.headAt, cut?.patience ?? 0)
  let resumed: Answer | NoAnswer | undefined
  if (cut) {
    onStage('comes back with an id')
    resumed = await asker.get(comingBack(cut.after), (answer) =>
      moves(answer, cut.after, watched).length > 0 ? 0 : cut.patience,
    )
  }
  const wrong = [...resume(watched, cut, resumed)]
  judgements.push(...wrong)

  const last = cursorsOf(watched).at(-1)
  let back: Answer | NoAnswer | undefined
  if (watched.end === 'ended' && isSendable(last ?? '')) {
    onStage('comes back after the end')
    const third = eventsOf(watched)[COMPARED - 1]?.at ?? 0
    back = await asker.get(last === undefined ? {} : comingBack(last), (answer) =>
      eventsOf(answer).length >= COMPARED ? 0 : Math.max(limits.patience, 2 * third),
    )
  }
  judgements.push(...end(watched, back, limits))

  if (cut && wrong.length === 0 && last !== undefined) {
    onStage('comes back with an id that there never was')
    const asked = impossible(cut.after)
    const answer = await asker.get(comingBack(asked), (answer) =>
      answer.wire.blocks.some(saysGap) || moves(answer, asked, watched).length > 0 ? 0 : limits.patience,
    )
    judgements.push(...gap(watched, asked, answer))
  }

  let preflight: Answer | NoAnswer | undefined
  if (needsPreflight(watched, examination)) {
    onStage('asks as a browser does for a page of another site')
    preflight = await asker.preflight()
  }
  judgements.push(...cors(watched, preflight, examination))
  return judgements
}

/** Whatever its type says: there is something in it that a reader knows, or nothing yet. */
const isEventStream = ({ wire }: Answer): boolean =>
  wire.bytes === 0 ||
  wire.blocks.some(({ fields }) => fields.some(({ name }) => name === 'data' || name === 'id' || name === '')) ||
  wire.open.some((line) => FIELD.test(line.text)) ||
  // The decoder takes a byte order mark off.
  FIELD.test(new TextDecoder().decode(wire.rest.subarray(0, 9)))

const FIELD = /^(data|event|id|retry)?:/
