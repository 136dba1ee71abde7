/** Readers that others wrote, on the same streams: each has to dispatch exactly what is written in awkward.ts. */
import OpenAI, { APIError } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AWKWARD, type Dispatched, END } from './awkward.ts'
import { CHUNKS, FAILURE, TEXT } from './completion.ts'
import { cuttingNetwork } from './cutting-network.ts'
import { launch, launchHandler, type Server } from './launch.ts'
import type { Cut } from './raw-socket.ts'
import { chromium } from './readers/chromium.ts'
import { curl, isThere } from './readers/curl.ts'
import { eventsource } from './readers/eventsource.ts'
import { eventsourceParser } from './readers/eventsource-parser.ts'
import { openai } from './readers/openai.ts'
import type { Reader } from './readers/reader.ts'
import { undici } from './readers/undici.ts'
import { info, publish, range } from './room-client.ts'

const readers: Reader[] = [undici, eventsource, eventsourceParser, openai, chromium, ...(isThere ? [curl] : [])]
const reconnecting = readers.filter(({ reconnects }) => reconnects)

const NAMES = [...new Set(AWKWARD.map(({ dispatched }) => dispatched.event)), 'stream.live', 'stream.end', 'the last']

/** What a reader that cannot tell ids can show of it. */
const shownBy = ({ tellsIds }: Reader, dispatched: Dispatched[]): Dispatched[] =>
  tellsIds ? dispatched : dispatched.map((each) => ({ ...each, id: '' }))

let probe: Server
beforeAll(async () => {
  probe = await launchHandler('test/e2e/probe.ts')
  for (const reader of readers) await reader.start?.()
})
afterAll(async () => {
  for (const reader of readers) await reader.stop?.()
  await probe?.close()
})

if (!isThere) it.skip('not run: no curl')

describe.each(readers)('$name', (reader) => {
  it('dispatches what a stream of awkward messages holds, and stops at its end', async () => {
    const heard = await reader.read(`${probe.url}/awkward`, { names: NAMES })
    expect(heard).toEqual(shownBy(reader, [...AWKWARD.map(({ dispatched }) => dispatched), END]))
  })
})

describe('a room', () => {
  it('is the same to all of them, what it remembers and what is said while they listen', async () => {
    const server = await launch()
    try {
      const said: Dispatched[] = []
      const say = async ({
        send,
        dispatched,
      }: Pick<(typeof AWKWARD)[number], 'send' | 'dispatched'>): Promise<void> => {
        const { event, data } = send
        const { id } = await publish(server.url, 'awkward', data, event === undefined ? {} : { event })
        said.push({ ...dispatched, id })
      }
      for (const message of AWKWARD) await say(message)
      said.push({ id: said.at(-1)?.id ?? '', event: 'stream.live', data: '{}' })
      const url = `${server.url}/rooms/awkward/events?from=start`
      const reading = readers.map((reader) => reader.read(url, { names: NAMES, until: 'the last' }))
      const subscribers = async () => (await info(server.url, 'awkward'))?.subscribers
      await expect.poll(subscribers, { timeout: 20_000 }).toBe(readers.length)
      for (const message of AWKWARD) await say(message)
      const last: Dispatched = { id: '', event: 'the last', data: '' }
      await say({ send: last, dispatched: last })
      for (const [index, heard] of (await Promise.all(reading)).entries()) {
        const reader = readers[index] as Reader
        // How many read is news that differs from one to the next, and that not everyone listens for.
        const events = heard.filter(({ event }) => event !== 'stream.presence')
        expect({ name: reader.name, events }).toEqual({ name: reader.name, events: shownBy(reader, said) })
      }
    } finally {
      await server.close()
    }
  })
})

describe.each(reconnecting)('$name, which reconnects by itself', (reader) => {
  it.each<Cut>(['fin', 'reset'])('gets the rest after each cut by %s, and nothing twice', async (how) => {
    const network = await cuttingNetwork(probe.port, '/numbers', [700, 701, 1_000], how)
    const heard = await reader.read(`${network.url}/numbers`, { names: NAMES })
    network.close()
    const numbers = range(1, 200).map((n) => ({ id: `${n}`, event: 'message', data: `${n}` }))
    expect(heard).toEqual([...numbers, END])
    // The first, three after a cut, and the one that learns that there is no more.
    expect(network.asked).toHaveLength(5)
  })

  it('asks twice for a stream that ends, which runs its source once', async () => {
    const { name } = reader
    const heard = await reader.read(`${probe.url}/finite?name=${encodeURIComponent(name)}`, { names: NAMES })
    const three = [1, 2, 3].map((n) => ({ id: `${n}`, event: 'message', data: `{"n":${n}}` }))
    expect(heard).toEqual([...three, END])
    const said = [`asked ${name} after `, `ended ${name}`, `asked ${name} after ~end`]
    expect(probe.logs.filter((line) => / ~?/.test(line) && line.includes(` ${name}`))).toEqual(said)
  })
})

describe('the openai package', () => {
  const ask = { messages: [{ role: 'user', content: 'Say something' }] as [{ role: 'user'; content: string }] }
  const client = (): OpenAI => new OpenAI({ apiKey: 'none', baseURL: `${probe.url}/v1`, maxRetries: 0 })

  it('gets each chunk of an answer, whatever is between them, up to [DONE]', async () => {
    const heard: unknown[] = []
    for await (const chunk of await client().chat.completions.create({ ...ask, model: 'answering', stream: true }))
      heard.push(chunk)
    expect(heard).toEqual(CHUNKS)
  })

  it('puts the answer together', async () => {
    const answer = client().chat.completions.stream({ ...ask, model: 'answering' })
    expect((await answer.finalChatCompletion()).choices[0]?.message.content).toBe(TEXT)
  })

  it('throws an error that comes as data', async () => {
    const heard: unknown[] = []
    const read = async (): Promise<void> => {
      for await (const chunk of await client().chat.completions.create({ ...ask, model: 'failing', stream: true }))
        heard.push(chunk)
    }
    const error = await read().catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({ error: FAILURE.error, code: 'overloaded' })
    expect(heard).toEqual(CHUNKS.slice(0, 1))
  })
})
