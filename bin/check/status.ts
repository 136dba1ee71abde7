/** Anything but 200 ends an EventSource for good: https://html.spec.whatwg.org/multipage/server-sent-events.html#fail-the-connection */
import { type Answer, header, isAnswer, type NoAnswer } from './answer.ts'
import { error, type Judgement, lasting, quoted } from './finding.ts'
import type { Limits } from './limits.ts'

/** Refusals that may heal by themselves. */
const HEALING = new Set([429, 500, 502, 503, 504])

const WHO = 'Say who you are: `--header "authorization: Bearer …"`'
const FIXES: Record<number, string> = {
  401: WHO,
  403: WHO,
  405: 'Check the URL: what EventSource reads, it asks for with GET. A stream that has to be posted is not examined',
}

export function* status(answer: Answer | NoAnswer, { timeout }: Limits): Generator<Judgement> {
  if (!isAnswer(answer)) {
    const isLate = answer.failed === 'timeout'
    yield error('answer', {
      what: isLate
        ? `There was no head within ${lasting(timeout)}`
        : `The answer is no HTTP: ${quoted(answer.why, 200)}`,
      ...(isLate
        ? { why: 'Some runtimes keep the head until there is a first byte, and a quiet stream has none' }
        : {}),
      fix: isLate ? 'Send a comment at once; `--timeout` waits longer' : 'Look at it with `curl -v`',
    })
    return
  }
  const { status } = answer
  if (status === 200) return
  if (HEALING.has(status)) {
    const after = header(answer, 'retry-after')
    yield error('eventsource-refused', {
      what: `An EventSource is refused with ${status}${after === undefined ? '' : `, and to come back after ${quoted(after)}`}`,
      why: 'It takes that for the end and never comes back, also when all is well again',
      fix: 'To who accepts exactly text/event-stream answer 200, with `retry:` of some seconds and an end (edge-sse: `event: stream.busy`)',
    })
  } else
    yield error('status', {
      what: `The status is ${status}${status === 204 ? ': there is nothing to read' : ''}`,
      why: 'EventSource takes anything but 200 for the end',
      fix: FIXES[status] ?? 'Check the URL',
    })
}
