/** An answer as `exchange` would have made it, of pieces that came at these times. */
import type { Answer, End } from '../../bin/check/answer.ts'
import type { Judgement } from '../../bin/check/finding.ts'
import { Wire } from '../../bin/check/wire.ts'
import { GOOD_HEAD } from './scripted.ts'

export type Timed = [at: number, text: string | Uint8Array]

export function answerOf(
  body: string | Uint8Array | Timed[],
  { head = {}, ...more }: { head?: Record<string, string | string[]>; end?: End; endAt?: number; headAt?: number } = {},
): Answer {
  const wire = new Wire()
  const pieces = (Array.isArray(body) ? body : [[1, body] as Timed]).map(([at, text]) => {
    const bytes = Buffer.from(text)
    wire.push(bytes, at)
    return { at, bytes: bytes.byteLength, isInside: wire.isInside }
  })
  const headers = Object.entries({ 'transfer-encoding': 'chunked', ...GOOD_HEAD, ...head })
  return {
    startedAt: 0,
    status: 200,
    headers: new Map(headers.map(([name, value]) => [name, [value].flat()])),
    httpVersion: '1.1',
    headAt: 0,
    pieces,
    wire,
    end: 'stopped',
    endAt: pieces.at(-1)?.at ?? 0,
    ...more,
  }
}

/** `error forged-field`, also what is a note or could not be judged. */
export const said = (judgements: Iterable<Judgement>): string[] =>
  [...judgements].map(({ severity, rule }) => `${severity} ${rule}`)
