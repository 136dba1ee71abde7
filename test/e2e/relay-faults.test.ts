/**
 * A model's server that fails, however it does: readers are told so, by an error of that name and never by what looks like
 * an end; it was asked once, and its connection is closed. So it is for who reads to the end, for who was cut and comes
 * back, and in the answer's room for who left for good. Answers that only look odd: relay-answers.test.ts
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hold, type Script, said, stream } from '../upstream/script.ts'
import { ScriptedUpstream } from '../upstream/scripted-upstream.ts'
import type { AnswerReader } from './answer-reader.ts'
import type { Cut } from './raw-socket.ts'
import { RelayBench } from './relay-bench.ts'
import { expectFailure, expectRecord } from './relay-failure.ts'
import { early, type Fault, late } from './relay-fault-table.ts'

/** Where a redirect leads: nothing may ever come there. */
const elsewhere = await ScriptedUpstream.start()
const faults: Fault[] = [...early(`${elsewhere.baseUrl}/chat/completions`), ...late]

let relay: RelayBench
beforeAll(async () => {
  relay = await RelayBench.launch()
})
afterAll(async () => {
  await relay.close()
  await elsewhere.close()
})

/** Says what it says, is held, and then fails. */
function modelOf({ said: parts, script, provider }: Fault, withHold = true): string {
  const before: Script = parts ? [stream(), ...parts.map(said)] : []
  return relay.model([...before, ...(withHold ? [hold()] : []), ...script], provider)
}

/** Resolves when the reader has got what is said before the fault, and can come back. */
async function untilBefore(reader: AnswerReader, { said: parts = [] }: Fault): Promise<void> {
  await reader.untilSaid(parts.join(''))
  await reader.untilNamed()
}

/** One call was made, which is over on both sides. */
async function expectOver(model: string): Promise<void> {
  await (await relay.upstream.called(model)).closed
  expect(relay.upstream.callsOf(model)).toHaveLength(1)
}

const idsOf = (...readers: AnswerReader[]): (string | undefined)[] =>
  readers.flatMap(({ chunks }) => chunks.map(({ id }) => id))

describe.concurrent.each(faults)('$name is $code', (fault) => {
  const { code, told, more, said: parts = [] } = fault

  it('for who reads to the end', async () => {
    const model = modelOf(fault, parts.length > 0)
    const reader = await relay.ask(model)
    if (parts.length > 0) {
      await untilBefore(reader, fault)
      ;(await relay.upstream.called(model)).release()
    }
    await reader.untilEnd()
    expectFailure(reader, code)
    expect(reader.said.startsWith(parts.join(''))).toBe(true)
    if (reader.head.status !== 200) expect(Object.fromEntries(reader.head.headers)).toMatchObject({ ...fault.headers })
    await expectOver(model)
    expect(elsewhere.connections).toBe(0)
    if (reader.answer) await expectRecord(relay, reader.answer, { parts, told, more, code, ids: idsOf(reader) })
  })

  it.each<Cut>(['reset', 'fin'])('for who was cut by a %s and comes back', async (how) => {
    const model = modelOf(fault)
    const first = await relay.ask(model, { body: { on_disconnect: 'continue' } })
    await untilBefore(first, fault)
    first.cut(how)
    ;(await relay.upstream.called(model)).release()
    const second = await relay.ask(model, { body: { on_disconnect: 'continue' }, lastEventId: first.lastId })
    await second.untilEnd()
    expectFailure(second, code)
    expect([second.head.status, second.answer]).toEqual([200, first.answer])
    await expectOver(model)
    await expectRecord(relay, first.answer, { parts, told, more, code, ids: idsOf(first, second) })
  })

  it('in its room, for who left for good', async () => {
    const model = modelOf(fault)
    const reader = await relay.ask(model, { body: { on_disconnect: 'continue' } })
    await untilBefore(reader, fault)
    reader.cut('reset')
    ;(await relay.upstream.called(model)).release()
    await expectOver(model)
    await expectRecord(relay, reader.answer, { parts, told, more, code })
  })
})
