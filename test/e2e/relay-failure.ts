/** What a failed answer looks like: on the route of OpenAI, and in its room. */
import { expect } from 'vitest'
import { type AnswerReader, contentOf } from './answer-reader.ts'
import { isPublished, seqOf } from './event-reader.ts'
import { as, expectRefusal } from './refusal.ts'
import { KEY, type RelayBench } from './relay-bench.ts'
import { range } from './room-client.ts'

/** The status of each error, where it comes before the stream. */
export const STATUS = {
  'upstream-refused': 502,
  'upstream-rejected': 400,
  'upstream-busy': 429,
  'upstream-timeout': 504,
  'upstream-reset': 502,
  'upstream-malformed': 502,
  'upstream-incomplete': 502,
  'upstream-too-large': 502,
  'upstream-failed': 502,
}
export type FailureCode = keyof typeof STATUS

const text = expect.any(String)

/** The answer ended with this error: in its stream, or, where nothing had been sent, as its status. Never as if it were whole. */
export function expectFailure(reader: AnswerReader, code: FailureCode | 'producer-stopped' | 'producer-lost'): void {
  expect(reader.violations).toEqual([])
  expect([reader.ended, reader.isDone]).toEqual(['well', false])
  const error = { message: text, type: text, code, param: null }
  if (reader.head.status === 200) {
    expect(reader.isStream).toBe(true)
    expect(reader.errors).toEqual([error])
  } else expect(expectProblem(reader, code)).toEqual(error)
  expectNoSecret(reader)
}

/** A problem whose `error` is what OpenAI's clients read; gives that. */
function expectProblem({ head, body }: AnswerReader, code: string): unknown {
  const { error, ...problem } = JSON.parse(body)
  const status = STATUS[code as FailureCode]
  expectRefusal({ ...head, body: Buffer.from(JSON.stringify(problem)) }, as(status, code))
  return error
}

export function expectNoSecret({ head, body }: AnswerReader): void {
  expect(JSON.stringify([...head.headers])).not.toContain(KEY)
  expect(body).not.toContain(KEY)
}

/** A whole answer on the route of OpenAI. */
export function expectWhole(reader: AnswerReader, said: string): void {
  expect(reader.violations).toEqual([])
  expect([reader.head.status, reader.ended, reader.isDone, reader.errors]).toEqual([200, 'well', true, []])
  expect(Buffer.from(reader.said)).toEqual(Buffer.from(said))
  expectNoSecret(reader)
}

/** An id of an answer's room, whether it names the answer or not. */
const cursorOf = (answer: string, id = ''): string => (id.startsWith(`${answer}~`) ? id.slice(answer.length + 1) : id)

interface Told {
  /** What its readers were told, chunk by chunk. */
  parts: string[]
  /** Undefined where it is whole. */
  code?: string
  /** The ids of the chunks as readers of the other route got them. */
  ids?: (string | undefined)[] | undefined
  /** What its error tells besides the code. */
  told?: Record<string, unknown> | undefined
  /** What each further chunk says. Defaults to nothing. */
  more?: string | undefined
}

/** What the room of an answer gives once that is over: from its beginning, from each cursor, and to who has read it all. */
export async function expectRecord(
  relay: RelayBench,
  answer: string,
  { parts, code, ids, told, more = '' }: Told,
): Promise<void> {
  const whole = await relay.watch(answer)
  await whole.untilEnd()
  expect([whole.head.status, whole.ended]).toEqual([200, 'well'])
  const messages = whole.events.filter(isPublished).map(({ id, event, data }) => ({
    id: cursorOf(answer, id),
    event: event ?? 'message',
    data,
  }))
  expect(messages.every(({ event }) => event === 'message')).toBe(true)
  expect(messages.map(({ id }) => seqOf(id))).toEqual(range(1, messages.length))
  const chunks = messages.filter(({ data }) => data !== '[DONE]')
  const contents = chunks.map(({ data }) => contentOf(data))
  expect(contents.slice(0, parts.length)).toEqual(parts)
  expect(contents.slice(parts.length).filter((content) => content !== more && content !== '')).toEqual([])
  if (ids) expect(chunks.map(({ id }) => `${answer}~${id}`)).toEqual(ids)
  expect(messages.length - chunks.length).toBe(code === undefined ? 1 : 0)
  const errors = whole.named('stream.error').map(({ data }) => JSON.parse(data))
  expect(errors).toEqual(code === undefined ? [] : [{ code, message: text, run: text, ...told }])
  expect(JSON.stringify(whole.events)).not.toContain(KEY)
  expect(whole.events.at(-1)).toMatchObject({ event: 'stream.end', data: '{"reconnect":false}' })
  await expectTheSameFromCursors(relay, answer, messages)
}

async function expectTheSameFromCursors(
  relay: RelayBench,
  answer: string,
  messages: { id: string; data: string }[],
): Promise<void> {
  const middle = Math.floor(messages.length / 2)
  for (const [index, { id }] of [...messages.entries()].filter(([index]) => index === 0 || index === middle)) {
    if (index === messages.length - 1 && messages.at(-1)?.data === '[DONE]') continue // All is read: see below.
    for (const cursor of [id, `${answer}~${id}`]) {
      const rest = await relay.watch(answer, cursor)
      await rest.untilEnd()
      const got = rest.events.filter(isPublished).map(({ id, data }) => ({ id: cursorOf(answer, id), data }))
      expect(got).toEqual(messages.slice(index + 1).map(({ id, data }) => ({ id, data })))
      expect(rest.named('stream.gap')).toEqual([])
      expect(rest.events.at(-1)).toMatchObject({ event: 'stream.end' })
    }
  }
  const whole = await relay.watch(answer)
  await whole.untilEnd()
  const last = whole.events.findLast(({ id, event }) => id !== undefined && event !== 'stream.end')?.id ?? ''
  for (const cursor of [last, '~end']) expect((await relay.watch(answer, cursor)).head.status).toBe(204)
}
