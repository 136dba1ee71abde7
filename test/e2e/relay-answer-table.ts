/** How a model's server may answer that is unusual, and right. */
import * as play from '../upstream/script.ts'

export interface UnusualAnswer {
  name: string
  script: play.Script
  /** What its reader has got when the script is held. Defaults to nothing. */
  before?: string
}

const AWKWARD = 'é🦆\u2028\r\n\n"data: [DONE]"\n\nevent: x\0\u{10FFFF}'
const block = (text: string): string => play.blockOf(play.chunkOf({ content: text }))
const end = [play.finished(), play.done(), play.fin()]

const DUCK = Buffer.from(block('🦆'))
/** Where its four bytes begin. */
const AT = DUCK.indexOf('🦆')

/** A word, and so many bytes of the duck in the same write: whoever has got the word has read those. `before` comes first. */
const cutAfter = (bytes: number, before: Uint8Array = Buffer.of()): play.Step =>
  play.raw(Buffer.concat([before, Buffer.from(block(`${bytes} `)), DUCK.subarray(0, AT + bytes)]), `${bytes} `, '🦆')
const restAfter = (bytes: number): Uint8Array => DUCK.subarray(AT + bytes)

/** A duck that is cut after each of its bytes, held there. */
export const CUT_EVERYWHERE: play.Script = [
  play.stream(),
  cutAfter(1),
  play.hold(),
  cutAfter(2, restAfter(1)),
  play.hold(),
  cutAfter(3, restAfter(2)),
  play.hold(),
  play.raw(restAfter(3)),
  ...end,
]

export const UNUSUAL: UnusualAnswer[] = [
  {
    name: 'a character that is cut in two',
    script: [play.stream(), cutAfter(2), play.hold(), play.raw(restAfter(2)), ...end],
    before: '2 ',
  },
  {
    name: 'bytes that come one by one',
    script: [play.stream(), play.hold(), play.byteByByte(block(AWKWARD), AWKWARD), ...end],
  },
  {
    name: 'CRLF, comments, ids, names, and no space after the colon',
    script: [
      play.stream(),
      play.hold(),
      play.raw(`: OPENROUTER PROCESSING\r\n\r\nid:7\r\nevent:delta\r\nretry:1\r\n`),
      play.raw(block('crlf').replace('data: ', 'data:').replaceAll('\n', '\r\n'), 'crlf'),
      play.raw(': ping\n\n'),
      ...end,
    ],
  },
  {
    name: 'JSON over several lines',
    script: [
      play.stream(),
      play.hold(),
      play.raw(
        `${JSON.stringify(play.chunkOf({ content: 'lines' }), null, 1).replaceAll(/^/gm, 'data: ')}\n\n`,
        'lines',
      ),
      ...end,
    ],
  },
  {
    name: 'a byte order mark, and the type of the body in another form',
    script: [
      play.head(200, { 'content-type': 'Text/Event-Stream;charset="utf-8"' }),
      play.hold(),
      play.raw(`\uFEFF${block('bom')}`, 'bom'),
      ...end,
    ],
  },
  {
    name: 'a connection that stays open after [DONE]',
    script: [play.stream(), play.hold(), play.said('open'), play.finished(), play.done(), play.stall()],
  },
  {
    name: 'a line after [DONE] that is missing',
    script: [play.stream(), play.hold(), play.said('short'), play.finished(), play.raw('data: [DONE]'), play.fin()],
  },
  {
    name: 'everything in one piece',
    script: [play.hold(), play.stream(), play.raw(`${block('all')}${play.blockOf('[DONE]')}`, 'all'), play.fin()],
  },
]
