/** A model's server that refuses at once: its readers get a status, and the same one when they ask again under their key. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blockOf, failed, raw, type Script, stall, stream } from '../upstream/script.ts'
import { ScriptedUpstream } from '../upstream/scripted-upstream.ts'
import { KEY, NOBODY, RelayBench } from './relay-bench.ts'
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

describe('the log', () => {
  const untilLogged = (why: RegExp): Promise<void> =>
    expect.poll(() => relay.server.logs.some((line) => why.test(line)), { timeout: 10_000 }).toBe(true)
  const says = (data: unknown): Script => [stream(), raw(blockOf(data)), stall()]

  it.each<[string, Script, RegExp]>([
    ['its status', failed(451, 'No'), /refused to.*It answered 451 with application/],
    ['its error', says({ error: { message: 'GPU\u009b2J on \u202efire' } }), /failed.*GPU\\u009b2J on \\u202efire/],
    ['what it said instead', says('\u009b2J\u202eHello'), /not JSON.*\\u009b2J\\u202eHello/],
    ['no error that has the key', says({ error: { message: `Overloaded, ${KEY}` } }), /failed.*repeats the API key/],
    ['nothing else that has the key', says(`[${KEY}`), /not JSON.*repeats the API key/],
  ])('says why a model failed, in ASCII and without its key: %s', async (_, script, why) => {
    const reader = await relay.ask(relay.model(script, 'strict'))
    await reader.untilEnd()
    await untilLogged(why)
    const { logs } = relay.server
    for (const line of logs) expect(line).toMatch(/^[\x20-\x7e]*$/)
    expect(logs.join('\n')).not.toContain(KEY)
  })

  it('says that a server was not there', async () => {
    await (await relay.ask(NOBODY)).untilEnd()
    await untilLogged(/not be reached.*(ECONNREFUSED|connection refused|connection lost)/i)
  })
})
