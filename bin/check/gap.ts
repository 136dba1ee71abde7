/** Coming back with an id that the server cannot know, as after a log was lost: it should say so. */
import { type Answer, header, isAnswer, type NoAnswer } from './answer.ts'
import { type Judgement, note, quoted, unjudged, warning } from './finding.ts'
import { moves, saysGap } from './resume.ts'

/** Of the shape of one that there was: numbers far ahead, and each letter another. */
export function impossible(id: string): string {
  if (/^\d+$/.test(id)) return id.length < 15 ? '9'.repeat(15) : `9${id.replaceAll(/\d/g, '9')}`.slice(0, 40)
  // What is hexadecimal stays so: an id that is malformed is another case than one that is not known.
  return id.replaceAll(/[0-9A-Za-z]+/g, (run) => {
    if (/^\d{1,8}$/.test(run)) return '9'.repeat(9) // A number that counts would only be the next.
    const last = /^[\da-f]+$/i.test(run) ? 'f' : 'z'
    return run.replaceAll(/./g, (character) => next(character, last))
  })
}

function next(character: string, last: string): string {
  if (character === '9') return '0'
  if (character.toLowerCase() === last) return character === last ? 'a' : 'A'
  return String.fromCharCode(character.charCodeAt(0) + 1)
}

const FIX = 'Begin with an event that says so (edge-sse: `event: stream.gap`), then send what there is'

export function* gap(watched: Answer, asked: string, answer: Answer | NoAnswer): Generator<Judgement> {
  const silence = warning('gap', {
    what: `Who comes back with an id that there never was, ${quoted(asked)}, is told nothing`,
    why: 'After a restart or a lost log readers miss events and do not know it',
    fix: FIX,
  })
  if (!isAnswer(answer) && answer.failed === 'timeout') {
    yield silence
    return
  }
  if (!isAnswer(answer) || answer.status === 429 || answer.status >= 500) {
    yield unjudged('gap', {
      what: `Coming back with an id that there never was ${isAnswer(answer) ? `was answered with ${answer.status}` : 'had no answer'}`,
    })
    return
  }
  if (answer.status === 204)
    yield warning('gap', {
      what: `Who comes back with an id that there never was, ${quoted(asked)}, gets 204`,
      why: 'That reader stays away for good, as if it had everything',
      fix: FIX,
    })
  else if (answer.status !== 200)
    yield note('gap', {
      what: `Who comes back with an id that there never was gets ${answer.status}`,
      why: 'A native EventSource never comes back from that',
      fix: FIX,
    })
  else if (header(answer, 'last-event-id') !== undefined && header(answer, 'last-event-id') !== asked)
    yield note('gap', {
      what: 'That an id is not known is said in a header, Last-Event-ID',
      why: 'EventSource shows no headers to its page',
      fix: FIX,
    })
  else if (!answer.wire.blocks.some(saysGap) && !countsOn(asked, moves(answer, asked, watched)[0]?.id)) yield silence
}

/** A server that computes what follows any number, as a clock does, has lost nothing. */
const countsOn = (asked: string, next: string | undefined): boolean =>
  /^\d+$/.test(asked) && next === String(BigInt(asked) + 1n)
