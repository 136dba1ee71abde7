/** What parsers of event streams get wrong: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
import type { ParsedMessage } from '../parse.ts'
import { bytesOf } from './piece.ts'

export interface WireCase {
  /** What it is about. */
  name: string
  wire: Uint8Array
  messages: CaseMessage[]
}

/** `id` is that of its own lines, as parsers have it; `lastEventId` that which is in force, as `EventSource` shows it. */
export interface CaseMessage extends ParsedMessage {
  lastEventId: string
}

const message = (data: string, { lastEventId, ...fields }: Partial<CaseMessage> = {}): CaseMessage => ({
  data,
  ...fields,
  lastEventId: lastEventId ?? fields.id ?? '',
})

const CASES: [name: string, wire: string | Uint8Array, messages: CaseMessage[]][] = [
  [
    'LF, CRLF and CR end lines',
    'data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\n\n',
    [...'abcd'].map((data) => message(data)),
  ],
  ['lines may end each in its own way', 'data: a\r\ndata: b\rdata: c\n\r\n', [message('a\nb\nc')]],
  ['no other character ends a line', 'data: a\u2028b\u2029c\x85d\ve\ff\n\n', [message('a\u2028b\u2029c\x85d\ve\ff')]],
  ['lines of data are joined with LF', 'data: a\ndata:\ndata: b\ndata\n\n', [message('a\n\nb\n')]],
  ['data may be empty', 'data\n\ndata:\n\ndata: \n\n', [message(''), message(''), message('')]],
  [
    'one space after the colon is taken, no more',
    'data:a\n\ndata:  b\n\ndata:\tc\n\n',
    [message('a'), message(' b'), message('\tc')],
  ],
  ['a value may have colons and spaces', 'data: a: b:c \n\n', [message('a: b:c ')]],
  ['comments are passed over', ':\n: data: x\n\n:data: y\ndata: a\n: z\n\n', [message('a')]],
  [
    'fields are called in lower case, from the first column on',
    'Data: x\n data: x\ndata : x\ndatax: x\ndata: a\n\n',
    [message('a')],
  ],
  ['blank lines dispatch nothing by themselves', '\n\n\ndata: a\n\n\n\r\n', [message('a')]],
  ['a block without data is no message, and its name is forgotten', 'event: x\n\ndata: a\n\n', [message('a')]],
  ['the last name counts', 'event: x\nevent:  y\ndata: a\n\n', [message('a', { event: ' y' })]],
  ['an empty name takes back the one before it', 'event: x\nevent\ndata: a\n\n', [message('a')]],
  [
    'an id stays in force',
    'id: 1\ndata: a\n\ndata: b\n\nid: 0\ndata: c\n\n',
    [message('a', { id: '1' }), message('b', { lastEventId: '1' }), message('c', { id: '0' })],
  ],
  [
    'an empty id takes it back',
    'id: 1\ndata: a\n\nid\ndata: b\n\ndata: c\n\n',
    [message('a', { id: '1' }), message('b', { id: '' }), message('c')],
  ],
  ['the id of a block without data counts', 'id: 1\n\ndata: a\n\n', [message('a', { lastEventId: '1' })]],
  [
    'an id with NUL is passed over',
    'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n',
    [message('a', { id: '1' }), message('b', { lastEventId: '1' })],
  ],
  ['NUL is data like any other', 'event: x\0\ndata: a\0b\n\n', [message('a\0b', { event: 'x\0' })]],
  ['retry is no message', 'retry: 5\n\nretry: x\ndata: a\n\n', [message('a')]],
  ['what is left without a blank line is dropped', 'data: a\n\nid: 1\ndata: b\n', [message('a')]],
  ['a byte order mark is taken', '\ufeffdata: a\n\n', [message('a')]],
  ['a second one belongs to the name of the field', '\ufeff\ufeffdata: a\n\ndata: \ufeffb\n\n', [message('\ufeffb')]],
  [
    'characters may have several bytes',
    'event: é\nid: 名\ndata: 😀\u{10ffff}\n\n',
    [message('😀\u{10ffff}', { event: 'é', id: '名' })],
  ],
  [
    'bytes that are no UTF-8 become U+FFFD',
    Uint8Array.of(...bytesOf('data: a'), 0xff, 0xc3, ...bytesOf('b\n\n')),
    [message('a\ufffd\ufffdb')],
  ],
]

/**
 * Streams that are read wrongly, here or there, each with the messages in it. Cut them with `splits` and `byteByByte`.
 *
 * @example
 * ```ts
 * import { parseMessages } from 'edge-sse'
 * import { splits, streamOf, wireCases } from 'edge-sse/testing'
 * for (const { name, wire, messages } of wireCases)
 *   for (const chunks of splits(wire)) {
 *     const read = await Array.fromAsync(parseMessages(streamOf(chunks)), ({ data }) => data)
 *     if (read.join() !== messages.map(({ data }) => data).join()) throw new Error(`${name}: ${read}`)
 *   }
 * ```
 */
export const wireCases: readonly WireCase[] = CASES.map(([name, wire, messages]) => ({
  name,
  wire: bytesOf(wire),
  messages,
}))
