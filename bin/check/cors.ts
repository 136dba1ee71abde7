/** Whether pages of other sites may read it, and come back to it: https://fetch.spec.whatwg.org/#http-cors-protocol */
import { type Answer, cursorsOf, header, isAnswer, listIn, type NoAnswer } from './answer.ts'
import { error, type Judgement, note, quoted, unjudged, warning } from './finding.ts'

export interface Asking {
  origin: string
  /** The origin is made up: no server has a reason to let it in by name. */
  isMadeUp: boolean
}

/** A page of `origin` may read the answer. */
export function isOffered(answer: Answer, { origin }: Asking): boolean {
  const allowed = header(answer, 'access-control-allow-origin')
  return allowed === '*' || allowed === origin
}

/** Whether it takes a preflight to know more. */
export const needsPreflight = (answer: Answer, asking: Asking): boolean =>
  isOffered(answer, asking) && cursorsOf(answer).length > 0

export function* cors(answer: Answer, preflight: Answer | NoAnswer | undefined, asking: Asking): Generator<Judgement> {
  const allowed = header(answer, 'access-control-allow-origin')
  const isWithCookies = header(answer, 'access-control-allow-credentials') === 'true'
  if (!isOffered(answer, asking)) {
    yield note('cors', {
      what: `${allowed === undefined ? 'There is no Access-Control-Allow-Origin' : `Access-Control-Allow-Origin is ${quoted(allowed)}`} for pages of ${quoted(asking.origin)}`,
      why: 'Pages of other sites cannot read it',
      fix: 'Fine where its own pages alone read it; `--origin https://…` asks as another site',
    })
    return
  }
  if (isWithCookies && allowed === '*')
    yield warning('cors-credentials', {
      what: 'Access-Control-Allow-Origin is * and Access-Control-Allow-Credentials is true',
      why: 'Browsers refuse the two together where a page sends cookies (`withCredentials`)',
      fix: 'Name the origin, or leave the credentials out',
    })
  else if (isWithCookies && asking.isMadeUp)
    yield warning('cors-credentials', {
      what: `It lets in whichever origin asks, with cookies: ${quoted(asking.origin)} is made up`,
      why: 'Every site that somebody visits can read this stream as that person',
      fix: 'Let in the origins of a list, or leave the credentials out',
    })
  if (needsPreflight(answer, asking)) yield* comingBack(preflight, asking)
}

function* comingBack(preflight: Answer | NoAnswer | undefined, asking: Asking): Generator<Judgement> {
  if (!isAnswer(preflight) || preflight.status === 429) {
    yield unjudged('cors-last-event-id', { what: 'A preflight had no answer' })
    return
  }
  const allowed = listIn(header(preflight, 'access-control-allow-headers'))
  const isWild = allowed.includes('*') && header(preflight, 'access-control-allow-credentials') !== 'true'
  const isGood = preflight.status >= 200 && preflight.status < 300
  if (isGood && isOffered(preflight, asking) && (isWild || allowed.includes('last-event-id'))) return
  yield error('cors-last-event-id', {
    what: `Pages of other sites may read it, but not come back with Last-Event-ID: its preflight is answered with ${saying(preflight)}`,
    why: 'Clients built on fetch send that header when they reconnect, and the browser stops them',
    fix: 'Answer OPTIONS with 204, `Access-Control-Allow-Headers: last-event-id` and the same Access-Control-Allow-Origin',
  })
}

function saying(preflight: Answer): string {
  const allowed = header(preflight, 'access-control-allow-headers')
  const origin = header(preflight, 'access-control-allow-origin')
  return `${preflight.status}, ${origin === undefined ? 'no allowed origin' : quoted(origin)} and ${allowed === undefined ? 'no allowed headers' : quoted(allowed)}`
}
