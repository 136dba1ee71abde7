/** Where a URL leads: redirects, as EventSource follows them, and what the user's headers may be told. */
import { shownUrl } from '../shown-url.ts'
import type { Answer } from './answer.ts'
import { header, isAnswer, type NoAnswer } from './answer.ts'
import { type Judgement, note, quoted, warning } from './finding.ts'

const MOST = 4
const REDIRECTS = new Set([301, 302, 303, 307, 308])

export interface Reached {
  url: URL
  answer: Answer | NoAnswer
  findings: Judgement[]
}

/** `get` is asked for each URL on the way; `isOwn` tells whether that one is of the origin that was named. */
export async function reach(
  start: URL,
  get: (url: URL, isOwn: boolean) => Promise<Answer | NoAnswer>,
): Promise<Reached> {
  let url = start
  const findings: Judgement[] = []
  for (let hop = 0; ; hop++) {
    const answer = await get(url, url.origin === start.origin)
    const location = isAnswer(answer) && REDIRECTS.has(answer.status) ? header(answer, 'location') : undefined
    const next = location === undefined ? null : URL.parse(location, url)
    if (hop === MOST || next === null || !/^https?:$/.test(next.protocol)) return { url, answer, findings }
    findings.push(redirected(url, next))
    url = next
  }
}

function redirected(from: URL, to: URL): Judgement {
  const texts = {
    what: `${quoted(shown(from), 200)} sends on to ${quoted(shown(to), 200)}`,
    fix: 'Name that URL to readers',
  }
  if (from.protocol === 'https:' && to.protocol === 'http:')
    return warning('redirect', { ...texts, why: 'From there on it is not encrypted, and browsers refuse that' })
  if (from.origin !== to.origin)
    return note('redirect', { ...texts, why: 'It is another origin: headers given with `--header` are not sent there' })
  return note('redirect', { ...texts, why: 'Each time a reader comes back it asks twice' })
}

/** Without what is in it for nobody's eyes: also where a redirect has put it. */
export const shown = (url: URL): string => shownUrl(url.href)
