/** The chat client of the AI SDK as pages use it, and what docs/ai-sdk.md says of it. */
import { type FileUIPart, lastAssistantMessageIsCompleteWithToolCalls, type UIMessage } from 'ai'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { Page } from '../docs/page.ts'
import {
  answer,
  blockOf,
  brokenOff,
  chunkOf,
  done,
  fin,
  finished,
  hold,
  raw,
  type Script,
  said,
  stall,
  stream,
} from '../upstream/script.ts'
import type { UpstreamCall } from '../upstream/upstream-call.ts'
import { ChatClient, textOf } from './chat-client.ts'
import { exchange, request } from './raw-socket.ts'
import { RelayBench } from './relay-bench.ts'

const page = new Page('docs/ai-sdk.md', `ai-sdk-${inject('runtime')}`)
interface Recipes {
  connect(server: { url?: string; token?: string; body?: object }): {
    transport: NonNullable<ConstructorParameters<typeof ChatClient>[0]['transport']>
    stop(chat: { id: string; stop(): Promise<void> }): Promise<void>
  }
  missed(id: string, url: string): Promise<string | undefined>
  tools: object[]
  run(call: { toolName: string; toolCallId: string; input: unknown }): Parameters<ChatClient['addToolOutput']>[0]
  reasonOf(error: Error): string
}

let relay: RelayBench
let guarded: RelayBench
let recipes: Recipes
beforeAll(async () => {
  relay = await RelayBench.launch()
  guarded = await RelayBench.launch({ EDGE_SSE_JWT_SECRET: JWT_SECRET })
  recipes = Object.assign({}, ...(await Promise.all(page.examples.map(({ file }) => import(file)))))
})
afterAll(async () => {
  await relay.close()
  await guarded.close()
})

type Init = Omit<ConstructorParameters<typeof ChatClient>[0], 'transport'>
interface Chat extends ChatClient {
  /** What the page's button does. */
  stopForAll(): Promise<void>
}
let chats = 0
/** A page on which a chat with that model is open. */
function open(model: string, { body, token, bench = relay, ...init }: Init & Opened = {}): Chat {
  const { transport, stop } = recipes.connect({
    url: bench.server.url,
    ...(token !== undefined && { token }),
    body: { model, ...body },
  })
  const chat = new ChatClient({ id: `chat-${++chats}`, transport, ...init })
  return Object.assign(chat, { stopForAll: () => stop(chat) })
}
interface Opened {
  body?: object
  token?: string
  bench?: RelayBench
}
/** The same chat on another page, or on this one after it was reloaded: it has what was sent. */
const reopened = ({ id, messages }: ChatClient, model: string, init: Init & Opened = {}): Chat =>
  open(model, { id, messages: messages.filter(({ role }) => role === 'user'), ...init })

const partsOf = ({ lastMessage }: ChatClient): UIMessage['parts'] => lastMessage?.parts ?? []
const types = (chat: ChatClient): string[] => partsOf(chat).map(({ type }) => type)
const callsOf = (model: string, bench: RelayBench = relay): UpstreamCall[] => bench.upstream.callsOf(model)
const whole: Script = [stream(), said('one '), hold(), said('two'), finished(), done(), fin()]
const endless: Script = [stream(), said('one '), stall()]

describe('an answer', () => {
  it('comes as it is said, into one message', async () => {
    const model = relay.model(whole)
    const chat = open(model)
    const sent = chat.sendMessage({ text: 'hello' })
    await chat.untilText('one ')
    expect(chat.status).toBe('streaming')
    ;(await relay.upstream.called(model)).release()
    await sent
    expect(chat.text).toBe('one two')
    expect(types(chat)).toEqual(['step-start', 'text'])
    expect(partsOf(chat)[1]).toMatchObject({ state: 'done' })
    expect(chat.messages.map(({ role }) => role)).toEqual(['user', 'assistant'])
    expect(chat.statuses).toEqual(['ready', 'submitted', 'streaming', 'ready'])
    expect(chat.finishes).toMatchObject([{ finishReason: 'stop', isAbort: false, isError: false, isDisconnect: false }])
    expect(callsOf(model)[0]?.body).toEqual({ model, stream: true, messages: [{ role: 'user', content: 'hello' }] })
  })

  it('is about all that was said before', async () => {
    const model = relay.model(answer('one'))
    const chat = open(model, { body: { temperature: 0.5 } })
    await chat.sendMessage({ text: 'first' })
    await chat.sendMessage({ text: 'second' })
    expect(callsOf(model)[1]?.body).toMatchObject({
      temperature: 0.5,
      messages: [
        { role: 'user', content: 'first' },
        { role: 'assistant', content: 'one' },
        { role: 'user', content: 'second' },
      ],
    })
    expect(chat.messages).toHaveLength(4)
    expect(new Set(chat.messages.map(({ id }) => id)).size).toBe(4)
  })

  it('is about the pictures that were sent too', async () => {
    const model = relay.model(answer('a duck'))
    const file: FileUIPart = { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,iVBORw0KGgo=' }
    await open(model).sendMessage({ text: 'What is this?', files: [file] })
    expect(callsOf(model)[0]?.body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: file.url } },
          { type: 'text', text: 'What is this?' },
        ],
      },
    ])
  })

  it('begins with what the model thinks', async () => {
    const chat = open('offline?reasoning=1&pace=0')
    await chat.sendMessage({ text: 'hello' })
    expect(types(chat)).toEqual(['step-start', 'reasoning', 'text'])
    expect(partsOf(chat)[1]).toMatchObject({ text: expect.stringMatching(/^What was asked\?/), state: 'done' })
    expect(chat.text).toContain('hello')
  })

  it('says how it ended, and what it has cost to whoever wants to know', async () => {
    const body = { stream_options: { include_usage: true } }
    const chat = open('offline?tokens=3&pace=0', { body })
    await chat.sendMessage({ text: 'hello' })
    expect(chat.finishes).toMatchObject([{ finishReason: 'length' }])
    expect(chat.lastMessage?.metadata).toMatchObject({ usage: { completion_tokens: 3 } })
  })

  it('is made again in the place of the old one', async () => {
    const model = relay.model(answer('one'))
    const chat = open(model)
    await chat.sendMessage({ text: 'hello' })
    const [, first] = chat.messages
    relay.upstream.play(model, answer('two'))
    await chat.regenerate()
    expect(chat.messages).toHaveLength(2)
    expect([chat.text, chat.lastMessage?.id === first?.id]).toEqual(['two', false])
    expect(callsOf(model)[1]?.body.messages).toEqual([{ role: 'user', content: 'hello' }])
  })
})

describe('a page that is reloaded', () => {
  it('has the answer from its beginning, as the other page has it, and the model is asked once', async () => {
    const model = relay.model(whole)
    const before = open(model)
    const sent = before.sendMessage({ text: 'hello' })
    await before.untilText('one ')
    const after = reopened(before, model)
    const resumed = after.resumeStream()
    await after.untilText('one ')
    ;(await relay.upstream.called(model)).release()
    await Promise.all([sent, resumed])
    expect(after.messages).toEqual(before.messages)
    expect([after.text, after.status, callsOf(model).length]).toEqual(['one two', 'ready', 1])
  })

  it('has it when the page that asked is gone', async () => {
    const model = relay.model(whole)
    const before = open(model)
    const sent = before.sendMessage({ text: 'hello' })
    await before.untilText('one ')
    await before.stop() // What closes a page: it only leaves.
    await sent
    const call = await relay.upstream.called(model)
    const after = reopened(before, model)
    const resumed = after.resumeStream()
    await after.untilText('one ')
    expect(call.isOpen).toBe(true)
    call.release()
    await resumed
    expect([after.text, after.status, callsOf(model).length]).toEqual(['one two', 'ready', 1])
  })

  it('has nothing twice that it had already', async () => {
    const model = relay.model(whole)
    const chat = open(model)
    const sent = chat.sendMessage({ text: 'hello' })
    await chat.untilText('one ')
    await chat.stop()
    await sent
    const resumed = chat.resumeStream()
    await chat.until('the resumed answer', () => chat.status === 'streaming')
    ;(await relay.upstream.called(model)).release()
    await resumed
    expect(chat.text).toBe('one two')
    expect(types(chat)).toEqual(['step-start', 'text'])
    expect(chat.messages).toHaveLength(2)
  })

  it('has nothing twice of what it had kept', async () => {
    const model = relay.model(whole)
    const before = open(model)
    const sent = before.sendMessage({ text: 'hello' })
    await before.untilText('one ')
    const after = open(model, { id: before.id, messages: structuredClone(before.messages) })
    const resumed = after.resumeStream()
    await after.until('the resumed answer', () => after.status === 'streaming')
    ;(await relay.upstream.called(model)).release()
    await Promise.all([sent, resumed])
    expect(after.messages).toEqual(before.messages)
  })

  it('has an answer that came to its end while no page was open, by the id of its message', async () => {
    const model = relay.model(whole)
    const before = open(model)
    const sent = before.sendMessage({ text: 'hello' })
    await before.untilText('one ')
    await before.stop()
    await sent
    const { id = '' } = before.lastMessage ?? {}
    ;(await relay.upstream.called(model)).release()
    await (await relay.watch(id)).untilEnd()
    const after = open(model, { id: before.id, messages: structuredClone(before.messages) })
    await after.resumeStream()
    expect([after.text, after.statuses]).toEqual(['one ', ['ready']])
    expect(partsOf(after).at(-1)).toMatchObject({ state: 'streaming' })
    expect(await recipes.missed(id, relay.server.url)).toBe('one two')
    expect(await recipes.missed('0'.repeat(32), relay.server.url)).toBe(undefined)
  })

  it('asks for nothing where no answer goes on: before, after, and in a chat that never was', async () => {
    const model = relay.model(answer('one'))
    const chat = open(model)
    await chat.resumeStream()
    expect(chat.statuses).toEqual(['ready'])
    await chat.sendMessage({ text: 'hello' })
    const after = reopened(chat, model)
    await after.resumeStream()
    expect([after.statuses, after.messages.length, after.error]).toEqual([['ready'], 1, undefined])
    expect(callsOf(model)).toHaveLength(1)
  })

  it('is told on the wire that there is nothing: 204, before, after, once it was stopped, and in a chat that never was', async () => {
    const model = relay.model(whole)
    const chat = open(model)
    const back = async (id = chat.id): Promise<unknown[]> => {
      const path = `/api/chat/${encodeURIComponent(id)}/stream`
      const { status, headers, body } = await exchange(relay.server.port, request('GET', path))
      return [status, String(body), headers.get('cache-control')]
    }
    const nothing = [204, '', 'no-store']
    expect([await back(), await back('never'), await back('a/b')]).toEqual([nothing, nothing, nothing])
    const sent = chat.sendMessage({ text: 'hello' })
    await chat.untilText('one ')
    ;(await relay.upstream.called(model)).release()
    await sent
    expect(await back()).toEqual(nothing)
    relay.upstream.play(model, endless)
    const again = chat.regenerate()
    await chat.untilText('one ')
    await chat.stopForAll()
    await again
    expect(await back()).toEqual(nothing)
  })

  it.each(['a/b?c#d', 'grüße 🦆', '%2e%2e%2f', '~', 'x'.repeat(256)])('is about any chat: %s', async (id) => {
    const model = relay.model(whole)
    const before = open(model, { id })
    const sent = before.sendMessage({ text: 'hello' })
    await before.untilText('one ')
    const after = reopened(before, model)
    const resumed = after.resumeStream()
    await after.untilText('one ')
    await after.stopForAll()
    await Promise.all([sent, resumed, (await relay.upstream.called(model)).closed])
  })
})

describe('stop', () => {
  it('ends the answer for every page, with what was said until then; there is nothing to resume', async () => {
    const model = relay.model(endless)
    const [one, other] = [open(model), open(model, { id: `chat-${chats}` })]
    const sent = one.sendMessage({ text: 'hello' })
    await one.untilText('one ')
    const resumed = other.resumeStream()
    await other.untilText('one ')
    await one.stopForAll()
    await (await relay.upstream.called(model)).closed
    await Promise.all([sent, resumed])
    for (const chat of [one, other]) {
      expect([chat.text, chat.status, chat.error]).toEqual(['one ', 'ready', undefined])
      expect(partsOf(chat)[1]).toMatchObject({ type: 'text', state: 'done' })
    }
    const after = reopened(one, model)
    await after.resumeStream()
    expect([after.statuses, after.messages.length]).toEqual([['ready'], 1])
    expect(callsOf(model)).toHaveLength(1)
  })

  it.each<[when: string, script: Script, provider?: 'strict']>([
    ['before the model has answered', [stall()]],
    ['before the first piece', [stream(), stall()]],
    ['before the page has a response', [stream(), stall()], 'strict'],
  ])('%s stops it too', async (_, script, provider) => {
    const model = relay.model(script, provider)
    const chat = open(model)
    const sent = chat.sendMessage({ text: 'hello' })
    const call = await relay.upstream.called(model)
    await chat.stopForAll()
    await Promise.all([sent, call.closed])
    expect([chat.status, chat.error, chat.text]).toEqual(['ready', undefined, ''])
    await chat.resumeStream()
    expect(callsOf(model)).toHaveLength(1)
  })

  it('of its own is not enough: the answer goes on', async () => {
    const model = relay.model(whole)
    const chat = open(model)
    const sent = chat.sendMessage({ text: 'hello' })
    await chat.untilText('one ')
    await chat.stop()
    await sent
    const call = await relay.upstream.called(model)
    expect(call.isOpen).toBe(true)
    const after = reopened(chat, model)
    const resumed = after.resumeStream()
    await after.untilText('one ')
    call.release()
    await resumed
    expect(after.text).toBe('one two')
  })

  it('leaves a chat that goes on', async () => {
    const model = relay.model(endless)
    const chat = open(model)
    const sent = chat.sendMessage({ text: 'first' })
    await chat.untilText('one ')
    await chat.stopForAll()
    await sent
    relay.upstream.play(model, answer('three'))
    await chat.sendMessage({ text: 'second' })
    expect(chat.messages.map(textOf)).toEqual(['first', 'one ', 'second', 'three'])
    expect(callsOf(model)[1]?.body.messages).toEqual([
      { role: 'user', content: 'first' },
      { role: 'assistant', content: 'one ' },
      { role: 'user', content: 'second' },
    ])
  })

  it('happens where nothing goes on', async () => {
    const chat = open('offline')
    await chat.stopForAll()
    expect([chat.status, chat.error]).toEqual(['ready', undefined])
  })
})

describe('several at once', () => {
  it('chats have each their own answer, and find it again', async () => {
    const models = Array.from({ length: 5 }, (_, n) =>
      relay.model([stream(), said(`${n} `), hold(), said('end'), finished(), done(), fin()]),
    )
    const before = models.map((model) => open(model))
    const sent = before.map((chat) => chat.sendMessage({ text: 'hello' }))
    await Promise.all(before.map((chat, n) => chat.untilText(`${n} `)))
    const after = before.map((chat, n) => reopened(chat, models[n] ?? ''))
    const resumed = after.map((chat) => chat.resumeStream())
    await Promise.all(after.map((chat, n) => chat.untilText(`${n} `)))
    await after[2]?.stopForAll()
    for (const model of models) (await relay.upstream.called(model)).release()
    await Promise.all([...sent, ...resumed])
    const texts = ['0 end', '1 end', '2 ', '3 end', '4 end']
    expect([before, after].map((all) => all.map(({ text }) => text))).toEqual([texts, texts])
    expect(models.map((model) => callsOf(model).length)).toEqual([1, 1, 1, 1, 1])
  })

  it('questions of one chat: whoever asks anew stops what went on', async () => {
    const model = relay.model(endless)
    const one = open(model)
    const sent = one.sendMessage({ text: 'first' })
    await one.untilText('one ')
    const call = await relay.upstream.called(model)
    relay.upstream.play(model, answer('two'))
    const other = reopened(one, model)
    await other.sendMessage({ text: 'second' })
    await Promise.all([sent, call.closed])
    expect([one.text, one.status, other.text]).toEqual(['one ', 'ready', 'two'])
  })
})

describe('an idempotency key', () => {
  interface Asking {
    id: string
    key: string
    text?: string
    token?: string
    bench?: RelayBench
  }
  const ask = (model: string, { id, key, text = 'hello', token, bench = relay }: Asking): Promise<Response> =>
    fetch(`${bench.server.url}/api/chat`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': key,
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ id, model, messages: [{ id: 'm', role: 'user', parts: [{ type: 'text', text }] }] }),
    })
  /** What a response says, without its comments and its pause. */
  const saidIn = async (response: Response): Promise<{ answer: string | null; lines: string[] }> => ({
    answer: response.headers.get('edge-sse-stream'),
    lines: (await response.text()).split('\n').filter((line) => line.startsWith('data: ')),
  })

  it('is one answer and one call of the model: at once, while it goes on, and when it is over', async () => {
    const model = relay.model(whole)
    const asking = { id: 'once', key: 'key-1' }
    const both = await Promise.all([ask(model, asking), ask(model, asking)])
    const call = await relay.upstream.called(model)
    const third = await ask(model, asking)
    call.release()
    const [first, ...others] = await Promise.all([...both, third].map(saidIn))
    expect(first?.lines.join()).toContain('"delta":"two"')
    expect([...others, await saidIn(await ask(model, asking))]).toEqual([first, first, first])
    expect(callsOf(model)).toHaveLength(1)
  })

  it('leaves what was asked in the chat since', async () => {
    const model = relay.model(answer('one'))
    const asking = { id: 'since', key: 'key-1' }
    const first = await saidIn(await ask(model, asking))
    const next = relay.model(whole)
    const chat = open(next, { id: asking.id })
    const sent = chat.sendMessage({ text: 'second' })
    await chat.untilText('one ')
    expect(await saidIn(await ask(model, asking))).toEqual(first)
    const call = await relay.upstream.called(next)
    expect(call.isOpen).toBe(true)
    const page = reopened(chat, next)
    const resumed = page.resumeStream()
    await page.untilText('one ')
    call.release()
    await Promise.all([sent, resumed])
    expect([chat.text, page.text, callsOf(model).length]).toEqual(['one two', 'one two', 1])
  })

  it('stops what was asked in the chat before, and stays stopped itself', async () => {
    const before = relay.model(endless)
    const chat = open(before, { id: 'before' })
    const sent = chat.sendMessage({ text: 'first' })
    await chat.untilText('one ')
    const model = relay.model(endless)
    const asking = { id: chat.id, key: 'key-1' }
    const asked = ask(model, asking)
    await Promise.all([sent, (await relay.upstream.called(before)).closed, relay.upstream.called(model)])
    await chat.stopForAll()
    const first = await saidIn(await asked)
    expect(await saidIn(await ask(model, asking))).toEqual(first)
    expect(callsOf(model)).toHaveLength(1)
  })

  it('is refused with another question, and what goes on goes on', async () => {
    const model = relay.model(whole)
    const asking = { id: 'conflict', key: 'key-1' }
    const asked = await ask(model, asking)
    const call = await relay.upstream.called(model)
    const refused = await ask(model, { ...asking, text: 'another' })
    expect([refused.status, (await refused.json()).type]).toEqual([422, '/problems/idempotency-conflict'])
    expect(call.isOpen).toBe(true)
    call.release()
    expect((await saidIn(asked)).lines.at(-1)).toBe('data: [DONE]')
    const unprintable = await ask(model, { ...asking, key: 'x'.repeat(65) })
    expect([unprintable.status, (await unprintable.json()).type]).toEqual([400, '/problems/invalid-idempotency-key'])
    expect(callsOf(model)).toHaveLength(1)
  })

  it('is the same failure too', async () => {
    const model = relay.model([stream(), said('one '), fin()])
    const asking = { id: 'failed', key: 'key-1' }
    const first = await saidIn(await ask(model, asking))
    expect(first.lines.join()).toContain('"type":"error"')
    relay.upstream.play(model, answer('two'))
    expect(await saidIn(await ask(model, asking))).toEqual(first)
    expect(callsOf(model)).toHaveLength(1)
  })

  it('is for one chat of one subject', async () => {
    const tokens = await Promise.all(
      ['ada', 'eve'].map((sub) => tokenOf({ claims: { sub, can: ['answer'], rooms: undefined } })),
    )
    const model = guarded.model(answer('one'))
    for (const token of tokens)
      for (const id of ['one', 'other']) {
        const asking = { id, key: 'key-1', bench: guarded, token }
        const [first, again] = [await saidIn(await ask(model, asking)), await saidIn(await ask(model, asking))]
        expect(again).toEqual(first)
      }
    expect(callsOf(model, guarded)).toHaveLength(4)
  })
})

describe('tools', () => {
  const withTools = (model: string, init: Init & Opened = {}): Chat => {
    const chat = open(model, {
      ...init,
      body: { tools: recipes.tools },
      sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
      onToolCall: ({ toolCall }) => void chat.addToolOutput(recipes.run(toolCall)),
    })
    return chat
  }
  const call = (rest: object): string => blockOf(chunkOf({ tool_calls: [{ index: 0, ...rest }] }))
  const calling = (name: string, id = 'call-1'): Script => [
    stream(),
    said('Let me see. '),
    raw(call({ id, type: 'function', function: { name, arguments: '{"city":' } })),
    hold(),
    raw(call({ function: { arguments: '"Oslo"}' } })),
    raw(blockOf(chunkOf({}, 'tool_calls'))),
    done(),
    fin(),
  ]

  it('are called piece by piece, run on the page, and the answer goes on in the same message', async () => {
    const model = relay.model(calling('weather'))
    const chat = withTools(model)
    const sent = chat.sendMessage({ text: 'weather?' })
    const stateOf = (): unknown => partsOf(chat).find(({ type }) => type === 'tool-weather')
    await chat.until('the call', () => stateOf() !== undefined)
    expect(stateOf()).toMatchObject({ state: 'input-streaming', toolCallId: 'call-1' })
    const asked = await relay.upstream.called(model)
    relay.upstream.play(model, answer('Sunny.'))
    asked.release()
    await sent
    await chat.until('the rest', () => chat.text.endsWith('Sunny.') && chat.status === 'ready')
    expect(types(chat)).toEqual(['step-start', 'text', 'tool-weather', 'step-start', 'text'])
    expect(stateOf()).toMatchObject({ state: 'output-available', input: { city: 'Oslo' }, output: 'Sun in Oslo' })
    expect(chat.messages).toHaveLength(2)
    expect(chat.finishes.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop'])
    expect(callsOf(model)[1]?.body).toMatchObject({ tools: recipes.tools })
    expect(callsOf(model)[1]?.body.messages).toEqual([
      { role: 'user', content: 'weather?' },
      {
        role: 'assistant',
        content: 'Let me see. ',
        tool_calls: [{ id: 'call-1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
      },
      { role: 'tool', tool_call_id: 'call-1', content: 'Sun in Oslo' },
    ])
  })

  it('that fail say so to the model', async () => {
    const model = relay.model(calling('tides'))
    const chat = withTools(model)
    const sent = chat.sendMessage({ text: 'tides?' })
    const asked = await relay.upstream.called(model)
    relay.upstream.play(model, answer('I cannot.'))
    asked.release()
    await sent
    await chat.until('the rest', () => chat.text.endsWith('I cannot.') && chat.status === 'ready')
    expect(callsOf(model)[1]?.body.messages).toMatchObject([{}, {}, { role: 'tool', content: 'There is no such tool' }])
  })

  it('and what came of them are there on a page that is reloaded in between', async () => {
    const model = relay.model(calling('weather'))
    const before = withTools(model)
    const sent = before.sendMessage({ text: 'weather?' })
    const asked = await relay.upstream.called(model)
    relay.upstream.play(model, [stream(), said('Sunny '), hold(), said('today.'), finished(), done(), fin()])
    asked.release()
    await before.until('the rest', () => before.text.endsWith('Sunny '))
    const after = reopened(before, model)
    const resumed = after.resumeStream()
    await after.until('the rest', () => after.text.endsWith('Sunny '))
    ;(await relay.upstream.called(model, 2)).release()
    await Promise.all([sent, resumed])
    await before.until('the end', () => before.status === 'ready')
    // As they are drawn and kept: what is undefined is not there.
    const shown = ({ messages }: ChatClient): string => JSON.stringify(messages)
    expect(shown(after)).toBe(shown(before))
    expect(after.text).toBe('Let me see. Sunny today.')
    expect(callsOf(model)).toHaveLength(2)
  })

  it('that were never answered are not told to the model', async () => {
    const model = relay.model(calling('weather'))
    const chat = open(model, { body: { tools: recipes.tools } })
    const sent = chat.sendMessage({ text: 'weather?' })
    ;(await relay.upstream.called(model)).release()
    await sent
    relay.upstream.play(model, answer('Fine.'))
    await chat.sendMessage({ text: 'never mind' })
    expect(callsOf(model)[1]?.body.messages).toEqual([
      { role: 'user', content: 'weather?' },
      { role: 'assistant', content: 'Let me see. ' },
      { role: 'user', content: 'never mind' },
    ])
  })
})

describe('what goes wrong', () => {
  it.each<[how: string, rest: Script, reason: RegExp]>([
    ['fails', [raw(blockOf({ error: { message: 'overloaded' } })), fin()], /^Cannot answer: the model has failed/],
    ['breaks off', [brokenOff()], /^Cannot answer: the connection to the model broke off/],
    ['ends without [DONE]', [fin()], /^Cannot answer: /],
  ])('in the middle is an error, and what was said stays, where the model %s', async (_, rest, reason) => {
    const model = relay.model([stream(), said('one '), hold(), ...rest])
    const chat = open(model)
    const sent = chat.sendMessage({ text: 'hello' })
    await chat.untilText('one ')
    ;(await relay.upstream.called(model)).release()
    await sent
    expect([chat.text, chat.status]).toEqual(['one ', 'error'])
    expect(recipes.reasonOf(chat.error as Error)).toMatch(reason)
    expect(chat.finishes).toMatchObject([{ isError: true, isAbort: false }])
    await chat.resumeStream() // There is nothing to come back to.
    expect(chat.messages).toHaveLength(2)
    expect(callsOf(model)).toHaveLength(1)
  })

  it.each<[what: string, model: string, reason: RegExp]>([
    ['there is no such model', 'gpt-7', /no model of that name/],
    ['the model is busy', 'offline?fail=rate-limited', /too much to do/],
  ])('before the first piece is an error with its reason: %s', async (_, model, reason) => {
    const chat = open(model)
    await chat.sendMessage({ text: 'hello' })
    expect([chat.status, chat.messages.length]).toEqual(['error', 1])
    expect(recipes.reasonOf(chat.error as Error)).toMatch(reason)
    expect(recipes.reasonOf(chat.error as Error)).not.toContain('{')
  })

  it('once, and not with the next question', async () => {
    const model = relay.model([stream(), said('one '), fin()])
    const chat = open(model)
    await chat.sendMessage({ text: 'first' })
    expect(chat.status).toBe('error')
    relay.upstream.play(model, answer('two'))
    await chat.regenerate()
    expect([chat.text, chat.status, chat.error]).toEqual(['two', 'ready', undefined])
  })
})

describe('with tokens', () => {
  const tokenFor = (sub: string): Promise<string> => tokenOf({ claims: { sub, can: ['answer'], rooms: undefined } })

  it('a chat is there for who has begun it: others find none of its name, and stop nothing', async () => {
    const bench = guarded
    const model = bench.model(whole)
    const [ada, eve] = await Promise.all(['ada', 'eve'].map(tokenFor))
    const hers = open(model, { bench, token: ada ?? '', id: 'the same' })
    const sent = hers.sendMessage({ text: 'hello' })
    await hers.untilText('one ')
    const eves = open(model, { bench, token: eve ?? '', id: 'the same' })
    await eves.resumeStream()
    expect([eves.statuses, eves.messages, eves.error]).toEqual([['ready'], [], undefined])
    await eves.stopForAll()
    await open(bench.model(answer('hers')), { bench, token: eve ?? '', id: 'the same' }).sendMessage({ text: 'hello' })
    const call = await bench.upstream.called(model)
    expect(call.isOpen).toBe(true)
    const again = reopened(hers, model, { bench, token: ada ?? '' })
    const resumed = again.resumeStream()
    await again.untilText('one ')
    call.release()
    await Promise.all([sent, resumed])
    expect([hers.text, again.text]).toEqual(['one two', 'one two'])
    expect(callsOf(model, bench)).toHaveLength(1)
  })

  it('nobody without one asks, resumes or stops', async () => {
    const chat = open('offline', { bench: guarded, token: 'x' })
    await chat.sendMessage({ text: 'hello' })
    expect(recipes.reasonOf(chat.error as Error)).toMatch(/^Cannot [a-z]/)
    await chat.resumeStream()
    expect(chat.status).toBe('error')
  })
})
