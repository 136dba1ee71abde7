/** Messages that readers get wrong, and what every one of them has to make of each: written out once, by hand. */
import type { Message } from '../../src/index.ts'

/** What a reader dispatches, as `EventSource` does: the last id that was said, the event's name, its data. */
export interface Dispatched {
  id: string
  event: string
  data: string
}

export interface Awkward {
  /** Sent before the message, where there is one: nobody dispatches it. */
  comment?: string
  send: Message
  dispatched: Dispatched
}

/** 200 KB, so that it comes in many pieces; most of its characters are of four bytes, so that pieces cut them. */
const LONG = '🦆.'.repeat(40_000)

const message = (id: string, data: string, event = 'message'): Dispatched => ({ id, event, data })

export const AWKWARD: Awkward[] = [
  { send: { data: 'before any id' }, dispatched: message('', 'before any id') },
  { send: { id: '0', data: 'an id that is false' }, dispatched: message('0', 'an id that is false') },
  { send: { data: 'no id of its own' }, dispatched: message('0', 'no id of its own') },
  // Lines.
  { send: { id: '1', data: 'one\ntwo\nthree' }, dispatched: message('1', 'one\ntwo\nthree') },
  { send: { data: 'lf\ncr\rcrlf\r\nend' }, dispatched: message('1', 'lf\ncr\ncrlf\nend') },
  { send: { data: '\n\nbetween\n\r\n\r\r' }, dispatched: message('1', '\n\nbetween\n\n\n\n') },
  { send: { data: 'u\u2028v\u2029w\u0085x\vy\fz' }, dispatched: message('1', 'u\u2028v\u2029w\u0085x\vy\fz') },
  { send: { data: 'a\n\ndata: forged\nid: forged' }, dispatched: message('1', 'a\n\ndata: forged\nid: forged') },
  // Nothing, and next to nothing.
  { send: { data: '' }, dispatched: message('1', '') },
  { send: { event: 'empty', data: '' }, dispatched: message('1', '', 'empty') },
  { send: { data: '\n' }, dispatched: message('1', '\n') },
  { send: { data: ' ' }, dispatched: message('1', ' ') },
  // Spaces, colons, and what looks like a field or a comment.
  { send: { data: ' one space' }, dispatched: message('1', ' one space') },
  { send: { data: '  two\n   three ' }, dispatched: message('1', '  two\n   three ') },
  { send: { data: '\ta tab' }, dispatched: message('1', '\ta tab') },
  { send: { data: ':colon\n: comment\nkey: value:' }, dispatched: message('1', ':colon\n: comment\nkey: value:') },
  { send: { data: 'data: data\nevent: x\nretry: 1' }, dispatched: message('1', 'data: data\nevent: x\nretry: 1') },
  // Characters.
  { send: { data: '\uFEFFBOM\uFEFF\n\uFEFF' }, dispatched: message('1', '\uFEFFBOM\uFEFF\n\uFEFF') },
  { send: { data: 'Grüße, 世界, 🦆👩‍👩‍👧' }, dispatched: message('1', 'Grüße, 世界, 🦆👩‍👩‍👧') },
  { send: { data: 'NUL \0 and \u0001' }, dispatched: message('1', 'NUL \0 and \u0001') },
  { comment: 'of\nthree\r\nlines', send: { id: '2', data: LONG }, dispatched: message('2', LONG) },
  // Names, those of EventSource's own events among them.
  { send: { event: 'message', data: 'named' }, dispatched: message('2', 'named') },
  { send: { event: 'two words: one', data: 'x' }, dispatched: message('2', 'x', 'two words: one') },
  { send: { event: ' space', data: 'x' }, dispatched: message('2', 'x', ' space') },
  { send: { event: 'größe🦆', data: 'x' }, dispatched: message('2', 'x', 'größe🦆') },
  { send: { event: 'error', data: 'no error' }, dispatched: message('2', 'no error', 'error') },
  { send: { event: 'open', data: 'nothing opens' }, dispatched: message('2', 'nothing opens', 'open') },
  { send: { event: '__proto__', data: 'x' }, dispatched: message('2', 'x', '__proto__') },
  // Ids.
  { send: { id: 'a b:c,"d"', data: 'x' }, dispatched: message('a b:c,"d"', 'x') },
  { send: { id: ' 7', data: 'x' }, dispatched: message(' 7', 'x') },
  { send: { id: 'größe🦆', data: 'x' }, dispatched: message('größe🦆', 'x') },
  { send: { id: '', data: 'an id taken back' }, dispatched: message('', 'an id taken back') },
  { send: { id: '12-k3x9ab', data: 'x' }, dispatched: message('12-k3x9ab', 'x') },
  // What is no text goes out as JSON.
  { comment: '', send: { data: 0 }, dispatched: message('12-k3x9ab', '0') },
  { send: { data: 1.5e300 }, dispatched: message('12-k3x9ab', '1.5e+300') },
  { send: { data: true }, dispatched: message('12-k3x9ab', 'true') },
  { send: { data: false, retry: 20 }, dispatched: message('12-k3x9ab', 'false') },
  { send: { data: null }, dispatched: message('12-k3x9ab', 'null') },
  { send: { data: ['a\nb', {}] }, dispatched: message('12-k3x9ab', '["a\\nb",{}]') },
  { send: { data: { n: 1, text: '\u2028 "' } }, dispatched: message('12-k3x9ab', '{"n":1,"text":"\u2028 \\""}') },
]

/** How a stream says that it has ended for good. */
export const END: Dispatched = { id: '~end', event: 'stream.end', data: '{"reconnect":false}' }
