/** Whatever bytes a server sends, each rule has a few printable words for it, and soon. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Answer, End } from '../../bin/check/answer.ts'
import { arrival } from '../../bin/check/arrival.ts'
import { compression } from '../../bin/check/compression.ts'
import { contentType } from '../../bin/check/content-type.ts'
import { cors } from '../../bin/check/cors.ts'
import { end } from '../../bin/check/end.ts'
import { fields } from '../../bin/check/fields.ts'
import type { Judgement } from '../../bin/check/finding.ts'
import { forged } from '../../bin/check/forged.ts'
import { gap, impossible } from '../../bin/check/gap.ts'
import { headers } from '../../bin/check/headers.ts'
import { heartbeat } from '../../bin/check/heartbeat.ts'
import { ids } from '../../bin/check/ids.ts'
import { LIMITS } from '../../bin/check/limits.ts'
import { cutOf, resume } from '../../bin/check/resume.ts'
import { status } from '../../bin/check/status.ts'
import { text } from '../../bin/check/text.ts'
import { answerOf, type Timed } from './answers.ts'

const asking = { origin: 'https://app.example', isMadeUp: true }

const all = (watched: Answer, other: Answer): Judgement[] => {
  const cut = cutOf(watched, LIMITS)
  return [
    status(watched, LIMITS),
    contentType(watched),
    headers(watched),
    compression(watched, other, LIMITS),
    arrival(watched, LIMITS),
    heartbeat(watched, LIMITS),
    text(watched),
    forged(watched),
    fields(watched),
    ids(watched),
    resume(watched, cut, other),
    end(watched, other, LIMITS),
    gap(watched, impossible(cut?.after ?? '1'), other),
    cors(watched, other, asking),
  ].flatMap((found) => [...found])
}

const evil = fc.constantFrom('\x1b[2J', '\x9b1m', '\u202e', '\u200b', '\0', '\r', '\ufeff', 'x'.repeat(300))
const value = fc.oneof(evil, fc.string({ maxLength: 5 }), fc.constantFrom('1', '2', '[DONE]', '', '0', '99999999999'))
const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom('data', 'event', 'id', 'retry', '') }, value)
const line = fc.tuple(name, value, fc.constantFrom('\n', '\n\n', '\r\n', '\r', '')).map(([a, b, c]) => `${a}: ${b}${c}`)
const body = fc.array(fc.tuple(fc.nat(60_000), fc.oneof(line, fc.uint8Array({ maxLength: 9 }))), { maxLength: 30 })
const answer = fc
  .record({
    body,
    value,
    status: fc.constantFrom(200, 200, 200, 204, 404, 503),
    end: fc.constantFrom<End>('ended', 'broken', 'stopped', 'full'),
  })
  .map(({ body, value, end, status }): Answer => {
    const timed = body.toSorted(([a], [b]) => a - b) as Timed[]
    const head = Object.fromEntries(
      [
        'content-type',
        'cache-control',
        'content-encoding',
        'content-length',
        'access-control-allow-headers',
        'retry-after',
      ]
        // Not each is there each time.
        .slice(value.length % 7)
        .map((each) => [each, value]),
    )
    return { ...answerOf(timed, { head, end }), status, ...(end === 'broken' ? { flaw: value } : {}) }
  })

it('says it in printable text of a line, of at most 600 characters', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(answer, answer, (watched, other) => {
      for (const { rule, ...texts } of all(watched, other)) {
        seen.add(rule)
        for (const each of Object.values(texts)) {
          expect(each).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u)
          expect(each.length).toBeLessThan(600)
        }
      }
    }),
    { numRuns: 1_000 },
  )
  // It came to most of what there is to say.
  expect(seen.size).toBeGreaterThan(18)
})

it('takes not much longer than reading it did, of as much as is read of a stream', () => {
  const timed = <Result>(work: () => Result): [milliseconds: number, result: Result] => {
    const begin = performance.now()
    const result = work()
    return [performance.now() - begin, result]
  }
  for (const block of [
    'id: 1\n',
    'a\n',
    'data\na\n',
    'event: a\n\n',
    'data:\rx\n\n',
    'id: 1\ndata: 1\n\n',
    `${' '.repeat(99)}\n`,
  ]) {
    const [reading, full] = timed(() => answerOf(block.repeat(1_048_576 / block.length)))
    const [judging] = timed(() => all(full, full))
    // Where lines are compared with lines it is many times that.
    expect(judging, JSON.stringify(block)).toBeLessThan(100 + 10 * reading)
  }
})
