/** What is read from the bytes. WPT's eventsource/format-*, as far as connect can be told apart by it. */
import { same } from '../assert.ts'
import type { ConnectCase } from '../connect-case.ts'
import { opened } from '../reading.ts'
import type { Piece } from '../script.ts'

/** What a body gives: event, data and id of each message, and the cursor and the `Last-Event-ID` after all of it. */
const texts: [name: string, body: Piece[], messages: [event: string, data: string, id?: string][], cursor?: string][] =
  [
    [
      'a BOM and no second one',
      ['\ufeffdata: 1\n\n\ufeffdata: 2\n\ndata: 3\n\n'],
      [
        ['message', '1'],
        ['message', '3'],
      ],
    ],
    [
      'a BOM that is cut',
      [{ bytes: [0xef] }, { bytes: [0xbb] }, { bytes: [0xbf, 0x64] }, 'ata: 1\n\n'],
      [['message', '1']],
    ],
    ['comments', [':\n: x\n::\ndata: 1\n:y\ndata: 2\n\n:z\n\n'], [['message', '1\n2']]],
    [
      'lines that end in CR, LF or both',
      ['data: 1\rdata: 2\r\ndata: 3\n\r\r\ndata: 4\r\r'],
      [
        ['message', '1\n2\n3'],
        ['message', '4'],
      ],
    ],
    [
      'a CRLF that is cut',
      ['data: 1\r', '\n\r', '\ndata: 2\n\n'],
      [
        ['message', '1'],
        ['message', '2'],
      ],
    ],
    [
      'fields with and without a space, a value, a colon',
      ['data:1\ndata:  2\ndata\ndata:\n\n'],
      [['message', '1\n 2\n\n']],
    ],
    [
      'unknown fields and a wrong case',
      ['Data: 1\nDATA: 2\n data: 3\ndata : 4\nfoo: 5\ndata: 6\n\n'],
      [['message', '6']],
    ],
    [
      'an event name, and none again',
      ['event: a\ndata: 1\n\ndata: 2\n\nevent:\ndata: 3\n\nevent: b\n\ndata: 4\n\n'],
      [
        ['a', '1'],
        ['message', '2'],
        ['message', '3'],
        ['message', '4'],
      ],
    ],
    ['NUL in data', ['data: \u0000\n\n'], [['message', '\u0000']]],
    [
      'characters that are cut',
      [{ bytes: [0x64, 0x61, 0x74, 0x61, 0x3a, 0xf0, 0x9f] }, { bytes: [0xa6, 0x86, 10, 10] }],
      [['message', '🦆']],
    ],
    ['bytes that are no UTF-8', [{ bytes: [0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 10, 10] }], [['message', '\ufffd']]],
    [
      'ids, one of them with NUL, and none',
      ['id: 1\ndata: a\n\nid: 2\u00003\ndata: b\n\ndata: c\n\n'],
      [
        ['message', 'a', '1'],
        ['message', 'b'],
        ['message', 'c'],
      ],
      '1',
    ],
    [
      'an empty id, after which there is no cursor',
      ['id: 1\ndata: a\n\nid\ndata: b\n\n'],
      [
        ['message', 'a', '1'],
        ['message', 'b', ''],
      ],
      '',
    ],
    ['an id without data', ['id: 1\ndata: a\n\nid: 2\n\n'], [['message', 'a', '1']], '2'],
    ['the last of two ids', ['id: 1\nid: 2\ndata: a\n\n'], [['message', 'a', '2']], '2'],
    ['half an event, which is none', ['id: 1\ndata: a\n\nid: 2\ndata: b\n'], [['message', 'a', '1']], '1'],
    ['no body at all', [], []],
  ]

export const text: ConnectCase[] = texts.map(([name, body, messages, cursor = '']) => ({
  name: `reads ${name}`,
  async run(world) {
    const { script, connection } = await opened(world, [{ body }])
    const read: unknown[] = []
    for await (const { event, data, id } of connection) read.push(id === undefined ? [event, data] : [event, data, id])
    same(read, messages)
    same(connection.lastEventId, cursor)
    same((await script.requests(2))[1]?.headers['last-event-id'] ?? '', cursor)
  },
}))
