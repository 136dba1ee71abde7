/** How a model's server can fail, and what its readers are told then. */
import * as play from '../upstream/script.ts'
import { KEY, type Provider } from './relay-bench.ts'
import type { FailureCode } from './relay-failure.ts'

export interface Fault {
  name: string
  code: FailureCode
  /** What happens. */
  script: play.Script
  /** What was said before. */
  said?: string[]
  /** Defaults to one that waits for ever. */
  provider?: Provider
  /** What the status of an error is sent with. */
  headers?: Record<string, string>
  /** What its room tells besides the code. */
  told?: Record<string, unknown>
  /** What is said after `said`, however often. */
  more?: string
}

const SAID = ['Grü', 'ße, \r\n', '🦆 ']
const TOKEN = play.blockOf(play.chunkOf({ content: 'never' }))
const LONG = 'x'.repeat(60_000)
const HALF = TOKEN.slice(0, TOKEN.indexOf('ver'))

/** Before the first chunk. `elsewhere` is an address that a redirect leads to. */
export const early = (elsewhere: string): Fault[] => [
  { name: 'no first byte', code: 'upstream-timeout', script: [play.stall()], provider: 'hasty' },
  {
    name: 'a head and no first event',
    code: 'upstream-timeout',
    script: [play.stream(), play.stall()],
    provider: 'hasty',
  },
  { name: 'a reset before the head', code: 'upstream-refused', script: [play.reset()] },
  {
    name: '429 with Retry-After',
    code: 'upstream-busy',
    script: play.failed(429, 'Slow down', { 'retry-after': '7' }),
    headers: { 'retry-after': '7' },
    told: { retryAfter: 7 },
  },
  { name: '401', code: 'upstream-refused', script: play.failed(401, `Incorrect API key provided: ${KEY}`) },
  { name: '403', code: 'upstream-refused', script: play.failed(403, 'No') },
  { name: '404', code: 'upstream-refused', script: play.failed(404, 'There is no such model') },
  { name: '400', code: 'upstream-rejected', script: play.failed(400, 'Too long') },
  { name: '422 that repeats the key', code: 'upstream-rejected', script: play.failed(422, `Not with ${KEY}`) },
  { name: '500', code: 'upstream-refused', script: play.failed(500, 'Something broke') },
  {
    name: '500 with a body that never ends',
    code: 'upstream-refused',
    script: [play.head(500, { 'content-type': 'application/json' }), play.raw('{"error'), play.stall()],
  },
  {
    name: '400 with a body that never ends',
    code: 'upstream-rejected',
    script: [play.head(400, { 'content-type': 'application/json' }), play.raw('{"error'), play.stall()],
  },
  {
    name: '400 with a body that floods',
    code: 'upstream-rejected',
    script: [
      play.head(400, { 'content-type': 'application/json' }),
      play.raw('{"error'),
      play.endless('x'.repeat(65_536)),
    ],
  },
  {
    name: 'a page',
    code: 'upstream-malformed',
    script: [play.head(200, { 'content-type': 'text/html' }), play.raw('<!doctype html><p>Welcome'), play.stall()],
  },
  {
    name: 'malformed JSON at once',
    code: 'upstream-malformed',
    script: [play.stream(), play.raw('data: {"choices":[{"delta"\n\n'), play.stall()],
  },
  {
    name: '302 to a private address',
    code: 'upstream-refused',
    script: [play.head(302, { location: elsewhere }), play.fin()],
  },
  {
    name: '307 to a private address',
    code: 'upstream-refused',
    script: [play.head(307, { location: elsewhere }), play.fin()],
  },
]

/** After some tokens. */
export const late: Fault[] = [
  { name: 'a stall after some tokens', code: 'upstream-timeout', script: [play.stall()], provider: 'restless' },
  {
    name: 'talk without end',
    code: 'upstream-timeout',
    script: [play.endlessTalk('word ', 20)],
    provider: 'brief',
    more: 'word ',
  },
  { name: 'a reset in mid-token', code: 'upstream-reset', script: [play.raw(HALF), play.reset()] },
  { name: 'a body that breaks off in mid-token', code: 'upstream-reset', script: [play.raw(HALF), play.brokenOff()] },
  { name: 'malformed JSON', code: 'upstream-malformed', script: [play.raw(`${HALF}\n\n`), play.stall()] },
  { name: 'JSON that is no chunk', code: 'upstream-malformed', script: [play.raw('data: [1]\n\n'), play.stall()] },
  { name: 'a line without end', code: 'upstream-too-large', script: play.endlessLine(HALF) },
  { name: 'an event without end', code: 'upstream-too-large', script: [play.endless('data: x\n'.repeat(1_000))] },
  {
    name: 'an answer of chunks without end',
    code: 'upstream-too-large',
    script: [play.endless(play.blockOf(play.chunkOf({ content: LONG })))],
    more: LONG,
  },
  { name: 'a clean close without [DONE]', code: 'upstream-incomplete', script: [play.fin()] },
  {
    name: 'an end without [DONE]',
    code: 'upstream-incomplete',
    script: [play.raw(TOKEN.replace('never', '')), play.finished(), play.fin()],
  },
  {
    name: 'an error in the stream',
    code: 'upstream-failed',
    script: [play.raw(play.blockOf({ error: { message: `Overloaded, ${KEY}`, code: 'overloaded' } })), play.stall()],
  },
].map((fault) => ({ ...fault, said: SAID }) as Fault)
