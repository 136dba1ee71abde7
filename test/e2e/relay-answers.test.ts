/** A model's server that answers in an unusual way: its readers get the whole text, byte for byte, and nothing else of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { partsOf, textOf } from '../upstream/script.ts'
import type { AnswerReader } from './answer-reader.ts'
import { CUT_EVERYWHERE, UNUSUAL } from './relay-answer-table.ts'
import { RelayBench } from './relay-bench.ts'
import { expectRecord, expectWhole } from './relay-failure.ts'

let relay: RelayBench
beforeAll(async () => {
  relay = await RelayBench.launch()
})
afterAll(() => relay.close())

const idsOf = (...readers: AnswerReader[]): (string | undefined)[] =>
  readers.flatMap(({ chunks }) => chunks.map(({ id }) => id))

/** One call was made, which is over on both sides. */
async function expectOver(model: string): Promise<void> {
  await (await relay.upstream.called(model)).closed
  expect(relay.upstream.callsOf(model)).toHaveLength(1)
}

describe.concurrent.each(UNUSUAL)('an answer with $name', ({ script, before = '' }) => {
  const text = textOf(script)
  const parts = partsOf(script)
  const ask = async (): Promise<{ model: string; reader: AnswerReader }> => {
    const model = relay.model(script)
    const reader = await relay.ask(model, { body: { on_disconnect: 'continue' } })
    await reader.untilNamed()
    await reader.untilSaid(before)
    return { model, reader }
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

it('a character that is cut after each of its bytes is whole', async () => {
  const model = relay.model(CUT_EVERYWHERE)
  const reader = await relay.ask(model)
  const call = await relay.upstream.called(model)
  for (const word of ['1 ', '2 ', '3 ']) {
    await reader.untilSaid(word)
    call.release()
  }
  await reader.untilEnd()
  expectWhole(reader, '1 🦆2 🦆3 🦆')
})
