/** Compression is fine where each event is flushed: what came plain has to come compressed as soon. */
import { type Answer, header, isAnswer, type NoAnswer } from './answer.ts'
import { error, type Judgement, lasting, quoted, unjudged, warning } from './finding.ts'
import type { Limits } from './limits.ts'

/** `compressed` was asked for while `plain` was watched. */
export function* compression(
  plain: Answer,
  compressed: Answer | NoAnswer | undefined,
  { slack }: Limits,
): Generator<Judgement> {
  const unasked = encodingOf(plain)
  if (unasked !== undefined)
    yield warning('compression', {
      what: `It is compressed (${quoted(unasked)}) for who accepts \`identity\` alone`,
      fix: 'Compress for those only who name it in Accept-Encoding',
    })
  if (!isAnswer(compressed) || compressed.status !== 200) {
    const got = isAnswer(compressed) ? `was answered with ${compressed.status}` : 'had no answer'
    yield unjudged('compression', { what: `A second stream beside the first, with Accept-Encoding: gzip, ${got}` })
    return
  }
  const encoding = encodingOf(compressed)
  if (encoding === undefined) return
  const first = firstBlock(compressed)
  const due = dueAt(plain, compressed)
  const watched = compressed.startedAt + compressed.endAt
  if (due === undefined || (first === undefined && watched < due + slack)) {
    if (first === undefined)
      yield unjudged('compression', {
        what: `It is compressed (${quoted(encoding)}), and too little came to see whether that holds it back`,
        fix: 'Check again while events come, or with a longer `--for`',
      })
    return
  }
  if (first !== undefined && first <= due + slack) return
  const late = first === undefined ? 'nothing had come' : 'the first came'
  yield error('compression', {
    what: `With ${quoted(encoding)} ${late} ${lasting((first ?? watched) - due)} after the first bytes had come without`,
    why: 'What compresses waits until it has enough: browsers accept gzip, so their readers get events late, or never',
    fix: 'Flush the compressor after each event, or leave text/event-stream out of what is compressed',
  })
}

function encodingOf(answer: Answer): string | undefined {
  const encoding = header(answer, 'content-encoding')?.trim().toLowerCase()
  return encoding === '' || encoding === 'identity' ? undefined : encoding
}

/** When the first block was complete, by the clock. */
function firstBlock({ startedAt, wire }: Answer): number | undefined {
  const at = (wire.blocks[0] ?? wire.lines[0])?.at
  return at === undefined ? undefined : startedAt + at
}

/**
 * When there should have been something at the latest, by the clock: the stream may be one for all, or begin anew for
 * each reader, so both have to have had something.
 */
function dueAt(plain: Answer, compressed: Answer): number | undefined {
  const lines = plain.wire.lines.map(({ at }) => plain.startedAt + at)
  const shared = lines.find((at) => at > compressed.startedAt + compressed.headAt)
  const own = lines[0] === undefined ? undefined : compressed.startedAt + lines[0] - plain.startedAt
  return shared === undefined || own === undefined ? undefined : Math.max(shared, own)
}
