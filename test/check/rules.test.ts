/** Each rule on what was seen: what it says, and of what it says nothing. */
import { describe, expect, it } from 'vitest'
import type { Answer } from '../../bin/check/answer.ts'
import { arrival } from '../../bin/check/arrival.ts'
import { compression } from '../../bin/check/compression.ts'
import { contentType } from '../../bin/check/content-type.ts'
import { cors } from '../../bin/check/cors.ts'
import { end } from '../../bin/check/end.ts'
import { fields } from '../../bin/check/fields.ts'
import { forged } from '../../bin/check/forged.ts'
import { gap, impossible } from '../../bin/check/gap.ts'
import { headers } from '../../bin/check/headers.ts'
import { heartbeat } from '../../bin/check/heartbeat.ts'
import { ids } from '../../bin/check/ids.ts'
import { LIMITS } from '../../bin/check/limits.ts'
import { text } from '../../bin/check/text.ts'
import { answerOf, said, type Timed } from './answers.ts'

const GOOD = 'retry: 1000\n\nid: 1\nevent: a\ndata: {"a":1}\n\n: \n\nid: 2\ndata: plain\ndata: lines\n\n'

describe('contentType', () => {
  const of = (type: string): string[] => said(contentType(answerOf(GOOD, { head: { 'content-type': type } })))
  it('takes text/event-stream however it is written, and UTF-8', () => {
    for (const type of ['text/event-stream', 'Text/Event-Stream ; charset=UTF-8', 'text/event-stream;charset="utf-8"'])
      expect(of(type)).toEqual([])
  })
  it('finds any other type, and any other charset', () => {
    expect(of('text/event-streams')).toEqual(['error content-type'])
    expect(of('text/event-stream; charset=iso-8859-1')).toEqual(['warning content-type'])
  })
  it('tells a page from a stream that says it is one, as PHP does by itself', () => {
    const fixOf = (body: string): string[] =>
      [...contentType(answerOf(body, { head: { 'content-type': 'text/html; charset=utf-8' } }))].map(
        ({ fix = '' }) => fix,
      )
    expect(fixOf(GOOD)).toEqual(['Answer with `Content-Type: text/event-stream`'])
    const page = ['Check the URL: this is a page, and its stream has a URL of its own']
    expect(fixOf('\n <!doctype html>\n<p>data: a</p>\n')).toEqual(page)
    expect(fixOf('<html>')).toEqual(page)
  })
})

describe('headers', () => {
  const of = (head: Record<string, string | string[]>, more: Partial<Answer> = {}): string[] =>
    said(headers({ ...answerOf(GOOD, { head }), ...more }))
  it('takes no-cache and no-store', () => {
    for (const cache of ['no-cache', 'No-Store', 'private, no-cache, no-transform'])
      expect(of({ 'cache-control': cache })).toEqual([])
  })
  it('finds what lets caches keep it, proxies hold it back, and a length', () => {
    expect(of({ 'cache-control': 'max-age=60' })).toEqual(['warning cache-control'])
    expect(of({ 'x-accel-buffering': 'yes' })).toEqual(['note x-accel-buffering'])
    expect(of({ 'content-length': '12' })).toEqual(['warning content-length'])
  })
  it('finds odd framing', () => {
    expect(of({ 'content-type': ['text/event-stream', 'text/event-stream'] })).toEqual(['warning framing'])
    expect(of({}, { httpVersion: '1.0' })).toEqual(['note framing'])
    expect(of({}, { flaw: 'Invalid character in chunk size' })).toEqual(['warning framing'])
  })
})

describe('text', () => {
  const of = (body: string | Uint8Array): string[] => said(text(answerOf(body)))
  it('finds nothing in a good stream', () => expect(of(GOOD)).toEqual([]))
  it('finds bytes that are no UTF-8, but not a character that was cut by our end', () => {
    expect(of(Buffer.from('data: \xff\n\n', 'latin1'))).toEqual(['error utf-8'])
    expect(of(Buffer.from('data: ü').subarray(0, 7))).toEqual([])
  })
  it('notes a byte order mark, and line ends that are not LF or CRLF throughout', () => {
    expect(of(`\ufeff${GOOD}`)).toEqual(['note line'])
    expect(of(GOOD.replaceAll('\n', '\r'))).toEqual(['note line'])
    expect(of(`${GOOD}${GOOD.replaceAll('\n', '\r\n')}`)).toEqual(['note line'])
    expect(of(GOOD.replaceAll('\n', '\r\n'))).toEqual([])
  })
  it('finds NULs, and lines that readers do not hold', () => {
    expect(of('data: a\0b\n\n')).toEqual(['warning line'])
    expect(of(`data: ${'a'.repeat(65_600)}\n\n`)).toEqual(['note line'])
    expect(of(`data: ${'a'.repeat(1_100_000)}`)).toEqual(['warning line'])
    expect(of(`data: ${'a'.repeat(65_000)}\n\n`)).toEqual([])
  })
})

describe('fields', () => {
  const of = (body: string, more = {}): string[] => said(fields(answerOf(body, more)))
  it('finds nothing in a good stream', () => expect(of(GOOD)).toEqual([]))
  it('finds lines that readers skip', () => {
    for (const line of ['Data: a', ' data: a', 'foo: bar', 'data : a'])
      expect(of(`${line}\ndata: 1\n\n`), line).toEqual(['warning unknown-field'])
  })
  it('finds names that look like fields', () => {
    expect(of('event: a data: x\ndata: 1\n\n')).toEqual(['warning name'])
    expect(of('event: user:joined\ndata: 1\n\n')).toEqual([])
    expect(of('event: metadata:new\ndata: 1\n\n')).toEqual([])
  })
  it('finds a retry that is no number, none, or more than anybody waits', () => {
    for (const retry of ['1s', '-1', '1.5', '', '0', '99999999'])
      expect(of(`retry: ${retry}\n\n`), retry).toEqual(['warning retry'])
  })
  it('finds an event that the end cut off, not one that we did', () => {
    for (const body of ['data: 1\n\ndata: 2', 'data: 1\n\ndata: 2\n']) {
      expect(of(body, { end: 'ended' })).toEqual(['error unfinished'])
      expect(of(body)).toEqual([])
    }
    expect(of('data: 1\n\n: bye', { end: 'ended' })).toEqual([])
  })
})

describe('forged', () => {
  const of = (body: string): string[] => said(forged(answerOf(body)))
  it('finds nothing in good streams', () => {
    for (const body of [
      GOOD,
      GOOD.replaceAll('\n', '\r'),
      GOOD.replaceAll('\n', '\r\n'),
      'data: 1\nid: 1\nevent: a\nretry: 5\n\n',
      ': one\ndata: 1\n: two\n\n',
      'data: 1\nx-own: 2\n\n',
      'data: {"half\n\n',
      'data: {\ndata:   "a": 1\ndata: }\n\n',
    ])
      expect(of(body), body).toEqual([])
  })
  it.each([
    ['a name in the data', 'data: hello\nevent: admin\ndata: evil\n\n'],
    ['an id in the data', 'data: hello\nid: 99\ndata: evil\nid: 2\n\n'],
    ['a second name', 'event: chat\nevent: admin\ndata: 1\n\n'],
    ['a second id', 'id: 1\nid: 2\ndata: 1\n\n'],
    ['data that was not split', 'data: hello\nworld\n\n'],
    ['JSON that was not split', 'data: {\n  "a": 1\n}\n\n'],
    ['a CR of who looked for LF alone', `${GOOD.repeat(3)}data: hello\rid: 99\n\n`],
    ['the same before data', `${GOOD.repeat(3)}data: hello\rdata: evil\n\n`],
  ])('finds %s', (_, body) => expect(of(body)).toEqual(['error forged-field']))
  it('leaves what it finds out of what readers skip', () => {
    expect(said(fields(answerOf('data: hello\nworld\n\n')))).toEqual([])
  })
})

describe('ids', () => {
  const of = (body: string): string[] => said(ids(answerOf(body)))
  it('takes ids of any kind, and events between that have none', () => {
    expect(of(GOOD)).toEqual([])
    expect(of('id: [{"topic":"a","offset":1}]\ndata: 1\n\ndata: 2\n\n')).toEqual([])
    expect(of('id: a/b c\ndata: 1\n\n')).toEqual([])
    expect(of('id: 0\n\ndata: 1\n\n')).toEqual([])
  })
  it('finds that there are none, and ids of several events', () => {
    expect(of('data: 1\n\n')).toEqual(['warning ids-absent'])
    expect(of('id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 1\ndata: 3\n\n')).toEqual(['error ids-repeat'])
    expect(of('id: 1\ndata: 1\n\nid: 1\ndata: 2\n\n')).toEqual(['error ids-repeat'])
  })
  it('takes another event right after one with its id for a mark', () => {
    expect(of('id: 1\ndata: 1\n\nid: 1\nevent: live\ndata: 2\n\n')).toEqual([])
  })
  it('finds ids that no header can bring back', () => {
    for (const id of ['ü', ' a', 'a\u0007', 'x'.repeat(1_025)])
      expect(of(`id: ${id}\ndata: 1\n\n`), id).toEqual(['warning id'])
    expect(of('id: 1\ndata: 1\n\nid: a\0b\ndata: 2\n\n')).toEqual(['warning id'])
  })
  it('knows nothing where nothing came', () => expect(of(': hello\n\n')).toEqual(['not judged ids-absent']))
})

describe('heartbeat', () => {
  const of = (body: Timed[], more = {}, limits = LIMITS): string[] => said(heartbeat(answerOf(body, more), limits))
  const silent: Timed[] = [[1, ': hello\n\n']]
  it('finds silence that is too long, in the middle too', () => {
    expect(of(silent, { endAt: 33_000 })).toEqual(['warning heartbeat'])
    expect(of([...silent, [40_000, 'data: 1\n\n']])).toEqual(['warning heartbeat'])
    expect(of(silent, { endAt: 30_000 })).toEqual(['not judged heartbeat'])
    expect(of([...silent, [30_000, ':\n\n']])).toEqual([])
  })
  it('takes the server at its word', () => {
    const says15: Timed[] = [[1, ': heartbeat=15\n\n']]
    expect(of(says15, { endAt: 18_000 }, { ...LIMITS, silence: 1_000 })).toEqual(['not judged heartbeat'])
    expect(of(says15, { endAt: 20_000 })).toEqual(['warning heartbeat'])
  })
  it('finds that a connection was cut for its silence', () => {
    expect(of(silent, { end: 'broken', endAt: 10_000 })).toEqual(['error heartbeat'])
    expect(of(silent, { end: 'broken', endAt: 100 })).toEqual([])
  })
  it('finds beats that are events without data, and takes those that have some', () => {
    for (const beat of ['event: ping\n\n', 'data:\n\n', 'event: heartbeat\ndata:\n\n', 'event: anything\nid: 5\n\n'])
      expect(of([[1, beat]], { end: 'ended' }), beat).toEqual(['warning heartbeat-event'])
    for (const block of ['event: ping\ndata: {"type":"ping"}\n\n', 'id: 5\n\n', 'event: delta\ndata:\n\n'])
      expect(of([[1, block]], { end: 'ended' }), block).toEqual([])
  })
})

describe('arrival', () => {
  const of = (body: Timed[], more = {}): string[] => said(arrival(answerOf(body, more), LIMITS))
  it('finds a head that waits for the first event', () => {
    expect(of([[5_010, GOOD]], { headAt: 5_000 })).toEqual(['warning first-byte'])
    expect(of([[5_010, GOOD]], { headAt: 10 })).toEqual([])
    expect(of([[9_000, GOOD]], { headAt: 5_000 })).toEqual([])
  })
  it('finds lumps that end anywhere', () => {
    const half = GOOD.slice(0, 30)
    const lumps = [0, 1, 2, 3].map((n): Timed => [n * 1_000, n % 2 ? GOOD.slice(30) : half])
    expect(of(lumps)).toEqual(['error buffering'])
    expect(of([0, 1, 2, 3].map((n) => [n * 1_000, GOOD]))).toEqual([])
    // What is cut between packets goes on at once.
    expect(of([0, 1, 2, 3].map((n) => [n * 10, n % 2 ? GOOD.slice(30) : half]))).toEqual([])
  })
  it('finds a stream that was collected first', () => {
    expect(of([[4_000, GOOD.repeat(2)]], { end: 'ended', endAt: 4_001 })).toEqual(['warning buffering'])
    expect(of([[4, GOOD.repeat(2)]], { end: 'ended', endAt: 5 })).toEqual([])
  })
})

describe('compression', () => {
  const gzip = { 'content-encoding': 'gzip' }
  const of = (
    plain: Timed[],
    compressed: Timed[],
    more: Partial<Answer> = {},
    head: Record<string, string> = gzip,
  ): string[] =>
    said(
      compression(
        answerOf(plain, { endAt: 20_000 }),
        { ...answerOf(compressed, { head, endAt: 20_000 }), startedAt: 100, ...more },
        LIMITS,
      ),
    )
  const ticks = [10, 1_000, 2_000, 3_000].map((at): Timed => [at, 'data: 1\n\n'])
  it('takes what is flushed, and what is not compressed', () => {
    expect(of(ticks, ticks)).toEqual([])
    expect(of(ticks, [], {}, {})).toEqual([])
  })
  it('finds what comes late, or not at all', () => {
    expect(of(ticks, [[9_000, 'data: 1\n\n']])).toEqual(['error compression'])
    expect(of(ticks, [])).toEqual(['error compression'])
  })
  it('does not judge by what came before it was there, or began for each anew, or stopped too early', () => {
    expect(of([[10, 'data: 1\n\n']], [])).toEqual(['not judged compression'])
    expect(of([[19_000, 'data: 1\n\n']], [])).toEqual(['not judged compression'])
    expect(of(ticks, [], { endAt: 500 })).toEqual(['not judged compression'])
    // One stream for all, in which little happens: what the second has seen is all there was.
    expect(
      of(
        [
          [10, 'data: 1\n\n'],
          [9_000, 'data: 1\n\n'],
        ],
        [[8_900, 'data: 1\n\n']],
      ),
    ).toEqual([])
  })
  it('does not judge by a second stream that is refused', () => {
    expect(of(ticks, [], { status: 429 })).toEqual(['not judged compression'])
  })
  it('finds what is compressed for who does not accept it', () => {
    expect(said(compression(answerOf(ticks, { head: gzip }), answerOf(ticks, { head: gzip }), LIMITS))).toEqual([
      'warning compression',
    ])
  })
})

describe('gap', () => {
  const of = (body: string, more = {}, asked = 'zz-1', status = 200): string[] =>
    said(gap(answerOf(GOOD), asked, { ...answerOf(body, more), status }))
  it('makes ids that could be, and are not', () => {
    expect(['7', '999999999999999', '12-k3z9ab', 'bea9f', 'A_Z~'].map(impossible)).toEqual([
      '999999999999999',
      '9999999999999999',
      '999999999-l4a0bc',
      'cfb0a',
      'B_A~',
    ])
  })
  it('finds silence about it, and an end to it', () => {
    for (const body of ['', GOOD, 'id: 12\ndata: 1\n\n']) expect(of(body)).toEqual(['warning gap'])
    expect(of('', {}, 'zz-1', 204)).toEqual(['warning gap'])
  })
  it('takes what says so, in an event, in a header, or by its status', () => {
    for (const name of ['stream.gap', 'reset', 'history-expired', 'missed'])
      expect(of(`event: ${name}\ndata: {}\n\n`), name).toEqual([])
    expect(of(GOOD, { head: { 'last-event-id': '1' } })).toEqual(['note gap'])
    expect(of('', {}, 'zz-1', 410)).toEqual(['note gap'])
    expect(of('', {}, 'zz-1', 503)).toEqual(['not judged gap'])
  })
  it('finds a server that does not even say a head', () => {
    expect(said(gap(answerOf(GOOD), 'zz-1', { failed: 'timeout', why: '' }))).toEqual(['warning gap'])
  })
  it('takes a server that counts on from any number', () => {
    expect(of('id: 1000\ndata: 1\n\n', {}, '999')).toEqual([])
    expect(of('id: 1\ndata: 1\n\n', {}, '999')).toEqual(['warning gap'])
  })
})

describe('end', () => {
  const ended = answerOf('data: 1\n\ndata: 2\n\n', { end: 'ended' })
  const of = (back: string, status = 200, more = {}): string[] =>
    said(end(ended, { ...answerOf(back, more), status }, LIMITS))
  it('finds what runs again, and what ends without a word', () => {
    expect(of('data: 1\n\ndata: 2\n\n')).toEqual(['error end'])
    expect(of('', 200, { end: 'ended' })).toEqual(['warning end'])
    expect(of('data: 3\n\ndata: 4\n\n')).toEqual(['warning end'])
  })
  it('finds an id that was there before, whatever comes with it', () => {
    const counted = answerOf('id: 1\ndata: 1\n\nid: 2\ndata: 2\n\n', { end: 'ended' })
    const of = (back: string): string[] => said(end(counted, answerOf(back), LIMITS))
    expect(of('id: 1\ndata: another\n\n')).toEqual(['error end'])
    expect(of('id: 3\ndata: another\n\n')).toEqual([])
  })
  it('takes 204, and notes a refusal', () => {
    expect(of('', 204)).toEqual([])
    expect(of('', 410)).toEqual(['note end'])
    expect(of('', 503)).toEqual(['not judged end'])
  })
  it('finds a stream that breaks off', () => {
    const broken = (endAt: number): string[] =>
      said(end(answerOf('data: 1\n\n', { end: 'broken', endAt }), undefined, LIMITS))
    expect(broken(1_000)).toEqual(['warning end'])
    // For its silence: that is the heartbeat's.
    expect(broken(10_000)).toEqual([])
  })
})

describe('cors', () => {
  const asking = { origin: 'https://app.example', isMadeUp: true }
  const of = (
    head: Record<string, string>,
    preflight: Record<string, string> = {},
    more = asking,
    body = GOOD,
  ): string[] => {
    const answer = answerOf(body, { head })
    if (!('access-control-allow-origin' in head))
      (answer.headers as Map<string, string[]>).delete('access-control-allow-origin')
    return said(cors(answer, { ...answerOf('', { head: preflight }), status: 204 }, more))
  }
  const OFFER = { 'access-control-allow-origin': 'https://app.example' }
  const ALLOW = { ...OFFER, 'access-control-allow-headers': 'authorization, Last-Event-ID' }
  it('notes that it is for its own pages', () => expect(of({})).toEqual(['note cors']))
  it('takes a preflight that lets the id in, also by a star', () => {
    expect(of(OFFER, ALLOW)).toEqual([])
    expect(of(OFFER, { ...OFFER, 'access-control-allow-headers': '*' })).toEqual([])
  })
  it('finds one that does not', () => {
    expect(of(OFFER, OFFER)).toEqual(['error cors-last-event-id'])
    expect(of(OFFER, { ...ALLOW, 'access-control-allow-origin': 'https://other.example' })).toEqual([
      'error cors-last-event-id',
    ])
    expect(
      of(OFFER, { ...OFFER, 'access-control-allow-headers': '*', 'access-control-allow-credentials': 'true' }),
    ).toEqual(['error cors-last-event-id'])
  })
  it('finds one that is refused, whatever its headers say', () => {
    const refused = { ...answerOf('', { head: ALLOW }), status: 401 }
    expect(said(cors(answerOf(GOOD, { head: OFFER }), refused, asking))).toEqual(['error cors-last-event-id'])
  })
  it('asks for none where there are no ids', () => expect(of(OFFER, {}, asking, 'data: 1\n\n')).toEqual([]))
  it('finds credentials for everybody', () => {
    const WITH = { 'access-control-allow-credentials': 'true' }
    expect(of({ 'access-control-allow-origin': '*', ...WITH }, ALLOW)).toEqual(['warning cors-credentials'])
    expect(of({ ...OFFER, ...WITH }, ALLOW)).toEqual(['warning cors-credentials'])
    expect(of({ ...OFFER, ...WITH }, ALLOW, { ...asking, isMadeUp: false })).toEqual([])
  })
})
