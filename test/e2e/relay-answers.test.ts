/** A model's server that answers in an unusual way: its readers get the whole text, byte for byte, and nothing else of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as play from '../upstream/script.ts'
import type { AnswerReader } from './answer-reader.ts'
import { RelayBench } from './relay-bench.ts'
import { expectRecord, expectWhole } from './relay-failure.ts'

let relay: RelayBench
beforeAll(async () => {
  relay = await RelayBench.launch()
})
afterAll(() => relay.close())

const AWKWARD = 'é🦆\u2028\r\n\n"data: [DONE]"\n\nevent: x\0\u{10FFFF}'
const block = (text: string): string => play.blockOf(play.chunkOf({ content: text }))
const end = [play.finished(), play.done(), play.fin()]

/** All of `text`, its bytes held back after so many. */
function heldAfter(text: string, bytes: number): play.Script {
  const all = Buffer.from(block(text))
  return [play.raw(all.subarray(0, bytes), text), play.hold(), play.raw(all.subarray(bytes))]
}
const duck = block('🦆')
/** Between the first two bytes of the duck. */
const IN_A_CHARACTER = Buffer.byteLength(duck.slice(0, duck.indexOf('🦆'))) + 1

const answers: [name: string, script: play.Script][] = [
  ['characters that are cut in two', [play.stream(), play.said('one '), ...heldAfter('🦆', IN_A_CHARACTER), ...end]],
  ['bytes that come one by one', [play.stream(), play.hold(), play.byteByByte(block(AWKWARD), AWKWARD), ...end]],
  [
    'CRLF, comments, ids, names, and no space after the colon',
    [
      play.stream(),
      play.hold(),
      play.raw(`: OPENROUTER PROCESSING\r\n\r\nid:7\r\nevent:delta\r\nretry:1\r\n`),
      play.raw(block('crlf').replace('data: ', 'data:').replaceAll('\n', '\r\n'), 'crlf'),
      play.raw(': ping\n\n'),
      ...end,
    ],
  ],
  [
    'JSON over several lines',
    [
      play.stream(),
      play.hold(),
      play.raw(
        `${JSON.stringify(play.chunkOf({ content: 'lines' }), null, 1).replaceAll(/^/gm, 'data: ')}\n\n`,
        'lines',
      ),
      ...end,
    ],
  ],
  [
    'a byte order mark, and the type of the body in another form',
    [
      play.head(200, { 'content-type': 'Text/Event-Stream;charset="utf-8"' }),
      play.hold(),
      play.raw(`\uFEFF${block('bom')}`, 'bom'),
      ...end,
    ],
  ],
  [
    'a connection that stays open after [DONE]',
    [play.stream(), play.hold(), play.said('open'), play.finished(), play.done(), play.stall()],
  ],
  [
    'everything in one piece',
    [play.hold(), play.stream(), play.raw(`${block('all')}${play.blockOf('[DONE]')}`, 'all'), play.fin()],
  ],
]

const idsOf = (...readers: AnswerReader[]): (string | undefined)[] =>
  readers.flatMap(({ chunks }) => chunks.map(({ id }) => id))

describe.concurrent.each(answers)('an answer with %s', (_, script) => {
  const text = play.textOf(script)
  const parts = play.partsOf(script)
  const ask = async (): Promise<{ model: string; reader: AnswerReader }> => {
    const model = relay.model(script)
    const reader = await relay.ask(model, { body: { on_disconnect: 'continue' } })
    await reader.untilNamed()
    return { model, reader }
  }
  const expectOver = async (model: string): Promise<void> => {
    await (await relay.upstream.called(model)).closed
    expect(relay.upstream.callsOf(model)).toHaveLength(1)
  }

  it('is whole for who reads to the end', async () => {
    const { model, reader } = await ask()
    ;(await relay.upstream.called(model)).release()
    await reader.untilEnd()
    expectWhole(reader, text)
    await expectOver(model)
    await expectRecord(relay, reader.answer, { parts, ids: idsOf(reader) })
  })

  it('is whole for who was cut and comes back', async () => {
    const { model, reader } = await ask()
    reader.cut('reset')
    ;(await relay.upstream.called(model)).release()
    const second = await relay.ask(model, { lastEventId: reader.lastId })
    await second.untilEnd()
    expectWhole(second, text.slice(reader.said.length))
    await expectOver(model)
    await expectRecord(relay, reader.answer, { parts, ids: idsOf(reader, second) })
  })

  it('is whole in its room, for who left for good', async () => {
    const { model, reader } = await ask()
    reader.cut('fin')
    ;(await relay.upstream.called(model)).release()
    await expectOver(model)
    await expectRecord(relay, reader.answer, { parts })
  })

  it('is whole where it is asked for in one piece', async () => {
    const model = relay.model(script)
    const asked = relay.ask(model, { body: { stream: false } })
    ;(await relay.upstream.called(model)).release()
    const reader = await asked
    await reader.untilEnd()
    const { object, choices } = JSON.parse(reader.body)
    expect(object).toBe('chat.completion')
    expect(Buffer.from(choices[0].message.content)).toEqual(Buffer.from(text))
    await expectOver(model)
  })
})
