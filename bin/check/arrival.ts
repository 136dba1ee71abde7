/** Whether things come when they are sent: the head, and whole blocks. Compression has a file of its own. */
import { type Answer, eventsOf } from './answer.ts'
import { counted, error, type Judgement, lasting, warning } from './finding.ts'
import type { Limits } from './limits.ts'

/** A piece that ends inside a block may do so by chance once. */
const TOO_OFTEN = 2

export function* arrival(answer: Answer, limits: Limits): Generator<Judgement> {
  const { headAt, pieces } = answer
  const [first] = pieces
  if (headAt > 2 * limits.slack && first !== undefined && first.at - headAt < limits.slack / 3)
    yield warning('first-byte', {
      what: `The head came after ${lasting(headAt)}, together with the first bytes`,
      why: 'Until then EventSource is not open, and who waits cannot tell a quiet stream from a dead server',
      fix: 'Send the head at once, and a comment right after it: some runtimes keep the head until there is a byte',
    })
  const torn = pieces.filter(
    ({ isInside, at }, index) => isInside && (pieces[index + 1]?.at ?? 0) - at > limits.slack / 3,
  )
  if (torn.length >= TOO_OFTEN)
    yield error('buffering', {
      what: `The bytes come in lumps: ${counted(torn.length, 'time')} one ended inside an event, and the rest came over ${lasting(limits.slack / 3)} later`,
      why: 'Something fills a buffer before it lets go of it, or the empty line after an event waits for the next: readers are behind',
      fix: 'Flush after each event, and turn buffering off on the way (nginx: `proxy_buffering off`)',
    })
  else if (isOneLump(answer, limits))
    yield warning('buffering', {
      what: `All ${eventsOf(answer).length} events came at once, after ${lasting(first?.at ?? 0)}, and with them the end`,
      why: 'That is how it looks when a stream is collected before it is sent',
      fix: 'Flush after each event, and look for a proxy or middleware that collects the answer',
    })
}

function isOneLump(answer: Answer, { slack }: Limits): boolean {
  const first = answer.pieces[0]?.at ?? 0
  return answer.end === 'ended' && first > 2 * slack && answer.endAt - first < slack / 3 && eventsOf(answer).length > 2
}
