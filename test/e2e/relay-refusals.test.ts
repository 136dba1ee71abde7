/** A model's server that refuses at once: its readers get a status, and the same one when they ask again under their key. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ScriptedUpstream } from '../upstream/scripted-upstream.ts'
import { NOBODY, RelayBench } from './relay-bench.ts'
import { expectFailure, STATUS } from './relay-failure.ts'
import { early, type Fault } from './relay-fault-table.ts'

const elsewhere = await ScriptedUpstream.start()
/** What is not over by itself, or takes its time, is in relay-faults.test.ts. */
const faults: Fault[] = early(`${elsewhere.baseUrl}/chat/completions`).filter(({ provider }) => !provider)

let relay: RelayBench
beforeAll(async () => {
  relay = await RelayBench.launch()
})
afterAll(async () => {
  await relay.close()
  await elsewhere.close()
})

const withKey = (key: string) => ({ headers: { 'Idempotency-Key': key } })

describe.each(faults)('$name is $code', ({ name, code, script, headers }) => {
  it.each([true, false])('with its status, whether it is asked for as a stream or not (stream: %s)', async (stream) => {
    const reader = await relay.ask(relay.model(script, 'strict'), { body: { stream } })
    expect(reader.head.status).toBe(STATUS[code])
    expect(Object.fromEntries(reader.head.headers)).toMatchObject({ ...headers })
    await reader.untilEnd()
    expectFailure(reader, code)
  })

  it('again under its key, without another call', async () => {
    const model = relay.model(script, 'strict')
    for (let times = 0; times < 2; times++) {
      const reader = await relay.ask(model, withKey(name.replaceAll(' ', '-')))
      await reader.untilEnd()
      expectFailure(reader, code)
    }
    expect(relay.upstream.callsOf(model)).toHaveLength(1)
    expect(elsewhere.connections).toBe(0)
  })
})

describe('a server that is not there is upstream-refused', () => {
  it('for who asks, and again under the same key', async () => {
    for (let times = 0; times < 2; times++) {
      const reader = await relay.ask(NOBODY, withKey('nobody'))
      await reader.untilEnd()
      expect(reader.head.status).toBe(502)
      expectFailure(reader, 'upstream-refused')
    }
  })

  it('for who asked and left at once, under continue', async () => {
    const question = { ...withKey('nobody-2'), body: { on_disconnect: 'continue' } }
    ;(await relay.send(NOBODY, question)).cut('reset')
    const reader = await relay.ask(NOBODY, question)
    await reader.untilEnd()
    expectFailure(reader, 'upstream-refused')
  })
})
