/**
 * An answer that nobody wants any more: it is stopped, or, under `cancel`, its last reader leaves. Then its call of the
 * model is closed, as the model's server sees it; under `continue`, and while somebody reads, it is not.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answer, done, fin, finished, hold, type Script, said, stall, stream } from '../upstream/script.ts'
import type { UpstreamCall } from '../upstream/upstream-call.ts'
import type { AnswerReader } from './answer-reader.ts'
import { EventReader } from './event-reader.ts'
import type { Cut } from './raw-socket.ts'
import { RelayBench } from './relay-bench.ts'
import { expectFailure, expectRecord, expectWhole } from './relay-failure.ts'

let relay: RelayBench
beforeAll(async () => {
  relay = await RelayBench.launch()
})
afterAll(() => relay.close())

/** Where an answer is when it is given up, and what was said by then. */
const moments: [when: string, script: Script, parts: string[]][] = [
  ['before the head of the upstream', [stall()], []],
  ['before the first token', [stream(), stall()], []],
  ['after a token', [stream(), said('one'), stall()], ['one']],
]
const cuts: Cut[] = ['reset', 'fin']

interface Asked {
  reader: AnswerReader
  call: UpstreamCall
}
/** Resolves when the reader has read what there is, and its answer can be named. */
async function ask(script: Script, parts: string[], body: Record<string, unknown> = {}): Promise<Asked> {
  const model = relay.model(script)
  const reader = await relay.ask(model, { body })
  await reader.untilSaid(parts.join(''))
  await reader.untilNamed()
  return { reader, call: await relay.upstream.called(model) }
}

/** Resolves when the server has noticed whatever was closed before: this was closed after it. */
async function untilNoticed(how: Cut): Promise<void> {
  const { reader, call } = await ask([stream(), said('canary'), stall()], ['canary'], { on_disconnect: 'cancel' })
  reader.cut(how)
  await call.closed
}

describe.concurrent.each(moments)('an answer %s', (_, script, parts) => {
  it('is stopped on request, and its readers are told so', async () => {
    const { reader, call } = await ask(script, parts, { on_disconnect: 'continue' })
    const watcher = await relay.watch(reader.answer)
    for (let times = 0; times < 2; times++) expect((await relay.stop(reader.answer)).status).toBe(204)
    await call.closed
    await reader.untilEnd()
    expectFailure(reader, 'producer-stopped')
    await watcher.untilEnd()
    expect(watcher.named('stream.error').map(({ data }) => JSON.parse(data).code)).toEqual(['producer-stopped'])
    await expectRecord(relay, reader.answer, { parts, code: 'producer-stopped' })
  })

  it.each(cuts)('is stopped when its last reader leaves by a %s, under cancel', async (how) => {
    const { reader, call } = await ask(script, parts, { on_disconnect: 'cancel' })
    expect(call.isOpen).toBe(true)
    reader.cut(how)
    await call.closed
    await expectRecord(relay, reader.answer, { parts, code: 'producer-stopped' })
  })

  it.each(cuts)('is stopped where its reader left by a %s before it had a head', async (how) => {
    const model = relay.model(script)
    const socket = await relay.send(model)
    const call = await relay.upstream.called(model)
    socket.cut(how)
    await call.closed
  })

  it('is stopped where who asked for it in one piece leaves by a reset', async () => {
    const model = relay.model(script)
    const socket = await relay.send(model, { body: { stream: false } })
    const call = await relay.upstream.called(model)
    socket.cut('reset')
    await call.closed
  })
})

describe.concurrent('an answer that two read, under cancel', () => {
  it.each(cuts)('goes on for the other when who asked for it leaves by a %s, and is stopped with that', async (how) => {
    const script = [stream(), said('one'), hold(), said('two'), stall()]
    const { reader, call } = await ask(script, ['one'], { on_disconnect: 'cancel' })
    const other = await relay.watch(reader.answer)
    await other.untilLive()
    reader.cut(how)
    await untilNoticed(how)
    call.release()
    await other.until('what comes after that', () => other.published.length >= 2)
    expect([call.isOpen, other.ended]).toEqual([true, undefined])
    other.cut(how)
    await call.closed
    await expectRecord(relay, reader.answer, { parts: ['one', 'two'], code: 'producer-stopped' })
  })

  it.each(cuts)('goes on for who asked for it when the other leaves by a %s', async (how) => {
    const script = [stream(), said('one'), hold(), said('two'), finished(), done(), fin()]
    const { reader, call } = await ask(script, ['one'], { on_disconnect: 'cancel' })
    const other = await relay.watch(reader.answer)
    await other.untilLive()
    other.cut(how)
    await untilNoticed(how)
    call.release()
    await reader.untilEnd()
    expectWhole(reader, 'onetwo')
  })
})

describe.concurrent.each([
  ['cancel', ['heartbeat=0.5']],
  ['continue', [expect.stringMatching(/^heartbeat=(8|15)$/)]],
] as const)('an answer under %s says how often its streams beat', (on_disconnect, comments) => {
  const script = [stream(), said('one'), stall()]
  const chat = {
    id: `beats-${on_disconnect}`,
    messages: [{ id: 'q', role: 'user', parts: [{ type: 'text', text: 'x' }] }],
  }
  const opening = ({ body }: AnswerReader): string[] => [/^: (.*)\n\n/.exec(body)?.[1] ?? body]

  it('to who asked, to who comes back, and to who reads along', async () => {
    const { reader, call } = await ask(script, ['one'], { on_disconnect })
    const other = await relay.watch(reader.answer)
    await other.untilLive()
    const back = await relay.ask('', { path: '/chat/stream', lastEventId: reader.lastId })
    await back.untilNamed()
    expect([opening(reader), opening(back), other.comments.slice(0, 1)]).toEqual([comments, comments, comments])
    await relay.stop(reader.answer)
    await call.closed
  })

  it('to the AI SDK, when it asks and when it comes back', async () => {
    const model = relay.model(script)
    const reader = await relay.ask(model, { path: '/api/chat', body: { ...chat, on_disconnect } })
    await reader.until('the first piece', () => reader.body.includes('one'))
    const back = await EventReader.open(relay.server.port, `/api/chat/${chat.id}/stream`)
    await back.until('the first piece', () => back.events.length > 0)
    expect([opening(reader), back.comments.slice(0, 1)]).toEqual([comments, comments])
    await relay.stop(reader.answer)
    await (await relay.upstream.called(model)).closed
  })
})

describe.concurrent('without a word about it', () => {
  const script = [stream(), said('one'), hold(), ...answer('two').slice(1)]

  it('an answer of /v1/chat/completions is stopped with its last reader', async () => {
    const { reader, call } = await ask(script, ['one'])
    reader.cut('reset')
    await call.closed
    await expectRecord(relay, reader.answer, { parts: ['one'], code: 'producer-stopped' })
  })

  it.each(cuts)('an answer of /chat/stream goes on when its last reader leaves by a %s', async (how) => {
    const model = relay.model(script)
    const reader = await relay.ask(model, { path: '/chat/stream' })
    await reader.untilSaid('one')
    reader.cut(how)
    await untilNoticed(how)
    const call = await relay.upstream.called(model)
    expect(call.isOpen).toBe(true)
    call.release()
    await call.closed
    await expectRecord(relay, reader.answer, { parts: ['one', 'two'] })
  })
})
