/**
 * What goes out is what comes back, whatever it is and however it is cut: read by `eventsource-parser`, by our
 * `parseMessages` over it, and by undici's `EventSource`, which shares no code with either.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { EventSource, MessageEvent } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SseError } from '../src/errors.ts'
import { formatComment, formatData, formatMessage, formatRetry, type Message } from '../src/message.ts'
import { type ParsedMessage, parseMessages } from '../src/parse.ts'
import { byteByByte, splits, streamOf, wireCases } from '../src/testing.ts'

const encoder = new TextEncoder()

// What is sent.

/** Pieces that mean something on the wire, or that decoders like to eat. */
const PIECES = ['\r', '\n', '\r\n', '\n\n', '\0', '\ufeff', ' ', ':', 'data: a', 'id: 9', 'event:', 'retry: 1', '\t']
const MORE_PIECES = ['😀', 'é', '\u{10ffff}', '\u2028', '\u0085', '\v', '\f', '\x1f', '\xef\xbb\xbf', '~end', '']
const piece = fc.oneof(fc.constantFrom(...PIECES, ...MORE_PIECES), fc.string({ unit: 'binary', maxLength: 4 }))
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
const line = text.map((value) => value.replaceAll(/[\r\n\0]/g, ''))
/** Anything a string can hold: halves of surrogate pairs too. */
const hostile = fc
  .array(fc.oneof(piece, fc.constantFrom('\ud83d', '\ude00')), { maxLength: 5 })
  .map((pieces) => pieces.join(''))

const message: fc.Arbitrary<Message> = fc.record(
  {
    data: fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: fc.jsonValue() }),
    event: line,
    id: line.filter((id) => id !== '~end'),
    retry: fc.nat(),
  },
  { requiredKeys: ['data'] },
)

/** How a sent text comes back: CR and CRLF as LF. */
const received = (sent: string): string => sent.replaceAll(/\r\n?/g, '\n')

const expected = ({ data, event, id }: Message): ParsedMessage => ({
  data: received(formatData(data)),
  ...(event ? { event } : {}),
  ...(id === undefined ? {} : { id }),
})

// Who reads it.

const readWithOurs = (chunks: Uint8Array[]): Promise<ParsedMessage[]> =>
  Array.fromAsync(parseMessages(streamOf(chunks)))

function readWithParser(chunks: Uint8Array[]): ParsedMessage[] {
  const messages: ParsedMessage[] = []
  const parser = createParser({ onEvent: (event) => void messages.push(event) })
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }))
  return messages
}

/** A message as an `EventSource` shows it: always with a type, and with the last id there was. */
interface Shown {
  type: string
  data: string
  lastEventId: string
}

function shown(messages: Message[]): Shown[] {
  let lastEventId = ''
  return messages.map(({ data, event, id }) => {
    lastEventId = id ?? lastEventId
    return { type: event || 'message', data: received(formatData(data)), lastEventId }
  })
}

const LAST = 'the last block of this stream'

/** Every message an `EventSource` dispatches, whatever its type, until the one that is named `LAST`. */
class Recorder extends EventSource {
  readonly seen: Shown[] = []
  readonly done: Promise<Shown[]>
  #settle!: { resolve: (seen: Shown[]) => void; reject: (error: Error) => void }

  constructor(url: string) {
    super(url)
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
  }

  override dispatchEvent(event: Event): boolean {
    if (event instanceof MessageEvent) {
      if (event.type === LAST) {
        this.close()
        this.#settle.resolve(this.seen)
      } else this.seen.push({ type: event.type, data: event.data, lastEventId: event.lastEventId })
    } else if (event.type === 'error') {
      this.close()
      this.#settle.reject(new Error(`The stream ended before its last block, after ${JSON.stringify(this.seen)}`))
    }
    return super.dispatchEvent(event)
  }
}

describe('the wire', { timeout: 30_000 }, () => {
  let server: Server
  let streams = 0
  const served = new Map<string, Uint8Array[]>()

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const chunk of served.get(request.url ?? '') ?? []) {
        response.write(chunk)
        // One turn of the event loop each, so that the writes do not leave as one.
        await new Promise((resolve) => setImmediate(resolve))
      }
      response.end()
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  /** Serves the bytes over loopback, cut by `cut`, and reads them with undici. */
  async function readWithUndici(
    bytes: Uint8Array,
    cut: (bytes: Uint8Array) => Uint8Array[] = (whole) => [whole],
    newline = '\n',
  ): Promise<Shown[]> {
    const path = `/${++streams}`
    // A blank line first, in case the stream under test leaves a block open; undici dispatches nothing for it.
    const last = encoder.encode(`\n\nevent: ${LAST}\ndata: \n\n`.replaceAll('\n', newline))
    served.set(path, [...cut(bytes), last])
    const { port } = server.address() as AddressInfo
    try {
      return await new Recorder(`http://127.0.0.1:${port}${path}`).done
    } finally {
      served.delete(path)
    }
  }

  const notHere = [
    'what is left without a blank line is dropped', // A last block follows, and would end it.
    'an empty name takes back the one before it', // undici keeps that, against the specification.
  ]
  it.each(wireCases.filter(({ name }) => !notHere.includes(name)))(
    'is read by EventSource as the case says: $name',
    async ({ wire, messages }) => {
      const all = messages.map(({ event, data, lastEventId }) => ({ type: event ?? 'message', data, lastEventId }))
      for (const cut of [undefined, byteByByte]) expect(await readWithUndici(wire, cut)).toEqual(all)
    },
  )

  describe('formatMessage', () => {
    it('gives eventsource-parser back what was sent, cut in two at any byte', () => {
      fc.assert(
        fc.property(message, (sent) => {
          const bytes = encoder.encode(formatMessage(sent))
          for (const chunks of splits(bytes)) expect(readWithParser(chunks)).toEqual([expected(sent)])
          expect(readWithParser(byteByByte(bytes))).toEqual([expected(sent)])
        }),
        { numRuns: 300 },
      )
    })

    it('gives parseMessages back what was sent, cut in two at any byte', async () => {
      await fc.assert(
        fc.asyncProperty(message, async (sent) => {
          const bytes = encoder.encode(formatMessage(sent))
          for (const chunks of splits(bytes)) expect(await readWithOurs(chunks)).toEqual([expected(sent)])
          expect(await readWithOurs(byteByByte(bytes))).toEqual([expected(sent)])
        }),
        { numRuns: 100 },
      )
    })

    it('gives EventSource back what was sent, in one write and byte by byte', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 4 }), async (sent) => {
          const bytes = encoder.encode(sent.map(formatMessage).join(''))
          expect(await readWithUndici(bytes)).toEqual(shown(sent))
          expect(await readWithUndici(bytes, byteByByte)).toEqual(shown(sent))
        }),
        { numRuns: 60 },
      )
    })

    it('refuses hostile text in event and id, or it is exactly one event with exactly that text', async () => {
      let refused = 0
      let read = 0
      await fc.assert(
        fc.asyncProperty(hostile, hostile, async (event, id) => {
          const sent = { event, id, data: 'a' }
          let wire: string
          try {
            wire = formatMessage(sent)
          } catch (error) {
            expect(error).toBeInstanceOf(SseError)
            expect(error).toMatchObject({ code: 'cannot-encode' })
            expect(`${event}${id}`).toMatch(/[\r\n\0]|~end|[\ud800-\udbff](?![\udc00-\udfff])|[\udc00-\udfff]/)
            refused++
            return
          }
          const bytes = encoder.encode(wire)
          expect(readWithParser([bytes])).toEqual([expected(sent)])
          expect(await readWithOurs(byteByByte(bytes))).toEqual([expected(sent)])
          // A server a run would be slow: one in ten goes over a socket as well.
          if (read++ % 10 === 0) expect(await readWithUndici(bytes)).toEqual(shown([sent]))
        }),
        { numRuns: 500 },
      )
      expect(Math.min(refused, read)).toBeGreaterThan(10) // Both ways were taken.
    })

    it('refuses hostile text as data, or it is exactly one event with exactly that text', () => {
      fc.assert(
        fc.property(hostile, (data) => {
          if (!data.isWellFormed()) expect(() => formatMessage({ data })).toThrow(SseError)
          else expect(readWithParser([encoder.encode(formatMessage({ data }))])).toEqual([{ data: received(data) }])
        }),
        { numRuns: 500 },
      )
    })
  })

  describe('a stream', () => {
    type Block = { message: Message } | { comment: string } | { retry: number }
    const blocks: fc.Arbitrary<Block[]> = fc.array(
      fc.oneof(fc.record({ message }), fc.record({ comment: text }), fc.record({ retry: fc.nat() })),
      { minLength: 1, maxLength: 6 },
    )

    const written = (stream: Block[], newline: string): Uint8Array =>
      encoder.encode(
        stream
          .map((block) => {
            if ('message' in block) return formatMessage(block.message)
            return 'comment' in block ? formatComment(block.comment) : formatRetry(block.retry)
          })
          .join('')
          .replaceAll('\n', newline),
      )

    /** What a reader notices, in order. */
    type Noticed = ParsedMessage | { comment: string } | { retry: number }
    const noticed = (stream: Block[]): Noticed[] =>
      stream.flatMap((block): Noticed[] => {
        if ('comment' in block)
          return received(block.comment)
            .split('\n')
            .map((comment) => ({ comment }))
        if ('retry' in block) return [block]
        const { retry } = block.message
        return [...(retry === undefined ? [] : [{ retry }]), expected(block.message)]
      })

    /** Fed byte by byte: nothing is read ahead, so that callbacks and messages keep their order. */
    async function notice(bytes: Uint8Array): Promise<Noticed[]> {
      const seen: Noticed[] = []
      const messages = parseMessages(streamOf(byteByByte(bytes)), {
        onComment: (comment) => void seen.push({ comment }),
        onRetry: (retry) => void seen.push({ retry }),
      })
      for await (const parsed of messages) seen.push(parsed)
      return seen
    }

    const sent = (stream: Block[]): Message[] => stream.flatMap((block) => ('message' in block ? [block.message] : []))

    for (const [name, newline] of Object.entries({ LF: '\n', CRLF: '\r\n', CR: '\r' })) {
      it(`of messages, comments and retries is read in order by parseMessages, with ${name} line ends`, async () => {
        await fc.assert(
          fc.asyncProperty(blocks, async (stream) => {
            expect(await notice(written(stream, newline))).toEqual(noticed(stream))
          }),
          { numRuns: 150 },
        )
      })

      it(`is read by eventsource-parser, cut in two at any byte, with ${name} line ends`, () => {
        fc.assert(
          fc.property(blocks, (stream) => {
            const bytes = written(stream, newline)
            for (const chunks of splits(bytes)) expect(readWithParser(chunks)).toEqual(sent(stream).map(expected))
          }),
          { numRuns: 50 },
        )
      })

      it(`is read by EventSource, in one write and byte by byte, with ${name} line ends`, async () => {
        await fc.assert(
          fc.asyncProperty(blocks, async (stream) => {
            const bytes = written(stream, newline)
            expect(await readWithUndici(bytes, undefined, newline)).toEqual(shown(sent(stream)))
            expect(await readWithUndici(bytes, byteByByte, newline)).toEqual(shown(sent(stream)))
          }),
          { numRuns: 20 },
        )
      })
    }

    describe('that begins with a byte order mark', () => {
      const two = formatMessage({ data: 'a' }) + formatMessage({ data: 'b' })

      it('is read as if it did not', async () => {
        const bytes = encoder.encode(`\ufeff${two}`)
        for (const chunks of splits(bytes)) {
          expect(readWithParser(chunks)).toEqual([{ data: 'a' }, { data: 'b' }])
          expect(await readWithOurs(chunks)).toEqual([{ data: 'a' }, { data: 'b' }])
        }
        expect(await readWithOurs(byteByByte(bytes))).toEqual([{ data: 'a' }, { data: 'b' }])
        for (const cut of [undefined, byteByByte])
          expect(await readWithUndici(bytes, cut)).toMatchObject([{ data: 'a' }, { data: 'b' }])
      })

      it('loses exactly one: a second belongs to the name of the first field', async () => {
        const bytes = encoder.encode(`\ufeff\ufeff${two}`)
        for (const chunks of splits(bytes)) {
          expect(readWithParser(chunks)).toEqual([{ data: 'b' }])
          expect(await readWithOurs(chunks)).toEqual([{ data: 'b' }])
        }
        for (const cut of [undefined, byteByByte])
          expect(await readWithUndici(bytes, cut)).toMatchObject([{ data: 'b' }])
      })
    })
  })
})
