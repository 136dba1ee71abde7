/** Batches with something bad in them: refused whole, and told which line. Over bare sockets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RawResponse, request } from './raw-socket.ts'
import { as, CANARY } from './refusal.ts'
import { eventsOf, RefusingServer } from './refusing-server.ts'
import { info, range } from './room-client.ts'

const MIB = 1_048_576
const notJson = as(400, 'invalid-json')
const notMessage = as(400, 'invalid-message')
const notName = as(400, 'invalid-event-name')
const notUtf8 = as(400, 'invalid-utf8')
const tooLarge = as(413, 'payload-too-large')

/** JSON nested that deep. */
const nested = (depth: number): string => `{"data":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
const publishOf = (lines: string[] | Uint8Array) => (room: string) =>
  request(
    'POST',
    eventsOf(room),
    { 'Content-Type': 'application/x-ndjson' },
    Array.isArray(lines) ? lines.join('\n') : lines,
  )
const detailOf = ({ body }: RawResponse): string => JSON.parse(String(body)).detail

describe('a bad batch', () => {
  let server: RefusingServer
  beforeAll(async () => {
    server = await RefusingServer.launch()
  })
  afterAll(() => server.close())

  describe('row 19: whose third line', () => {
    it.each([
      { what: 'is cut off', line: `{"data":"${CANARY}`, ...notJson },
      { what: 'is text', line: CANARY, ...notJson },
      { what: 'holds two messages', line: '{"data":1}{"data":2}', ...notJson },
      { what: 'holds two messages with a CR between them', line: '{"data":1}\r{"data":2}', ...notJson },
      { what: 'ends with a comma', line: '{"data":1},', ...notJson },
      { what: 'is empty', line: '', ...notJson },
      { what: 'is blank', line: ' \t', ...notJson },
      { what: 'is a CR alone', line: '\r', ...notJson },
      { what: 'is NUL', line: '\0', ...notJson },
      { what: 'begins with a byte order mark', line: '\ufeff{"data":1}', ...notJson },
      { what: 'is null', line: 'null', ...notJson },
      { what: 'is a number', line: '7', ...notJson },
      { what: 'is a number that keeps its digits', line: '1.0', ...notJson },
      { what: 'is a string', line: `"${CANARY}"`, ...notJson },
      { what: 'is a list', line: '[{"data":1}]', ...notJson },
      { what: 'is nested 65 levels deep', line: nested(65), ...notJson },
      { what: 'is nested 100,000 levels deep', line: nested(100_000), ...notJson },
      { what: 'has no data', line: `{"event":"${CANARY}"}`, ...notMessage },
      { what: 'is an empty object', line: '{}', ...notMessage },
      { what: 'has an event that is null', line: '{"event":null,"data":1}', ...notMessage },
      { what: 'has an event that is a list', line: '{"event":["a"],"data":1}', ...notMessage },
      { what: 'has another field', line: `{"data":1,"${CANARY}":1}`, ...notMessage },
      { what: 'has a __proto__', line: '{"data":1,"__proto__":{"event":"x"}}', ...notMessage },
      { what: 'has an id', line: `{"id":"${CANARY}","data":1}`, ...as(400, 'id-not-accepted') },
      { what: 'has a reserved event name', line: '{"event":"stream.gap","data":1}', ...as(400, 'reserved-event-name') },
      { what: 'has a line feed in its event name', line: `{"event":"a\\n${CANARY}","data":1}`, ...notName },
      { what: 'has an invisible character in its event name', line: '{"event":"a\\u200b","data":1}', ...notName },
      { what: 'has an event name of 129 bytes', line: `{"event":"${'x'.repeat(129)}","data":1}`, ...notName },
      { what: 'has a lone surrogate in its data', line: `{"data":"${CANARY}\\ud800"}`, ...notUtf8 },
      { what: 'has a lone surrogate in a key', line: '{"data":{"\\udc00":1}}', ...notUtf8 },
      { what: 'has a lone surrogate in its event name', line: '{"event":"\\ud800","data":1}', ...notUtf8 },
    ])('$what is $status $slug and named, and nothing of the batch is published', async ({ line, ...refusal }) => {
      const lines = ['{"data":1}', '{"event":"a","data":{"b":2}}', line, '{"data":4}']
      const response = await server.refuseIn('row-19-third', publishOf(lines), refusal)
      expect(detailOf(response)).toMatch(/\(line 3\)$/)
    })

    it.each([
      { what: 'holds bytes that are not UTF-8', line: Buffer.from([0x22, 0xc3, 0x28, 0x22]), ...notUtf8 },
      { what: 'is longer than 256 KiB', line: `{"data":"${'x'.repeat(262_144)}"}`, ...tooLarge },
      { what: 'is longer than 256 KiB once encoded', line: `{"data":"${'\\n'.repeat(100_000)}"}`, ...tooLarge },
    ])('$what is $status $slug, and nothing of the batch is published', async ({ line, ...refusal }) => {
      const body = Buffer.concat([
        Buffer.from('{"data":1}\n{"data":2}\n'),
        Buffer.from(line),
        Buffer.from('\n{"data":4}'),
      ])
      await server.refuseIn('row-19-large', publishOf(body), refusal)
    })
  })

  it.each([
    { what: 'with several bad lines', lines: [CANARY, '{"data":2}', '{}', CANARY], named: 1 },
    { what: 'without a byte', lines: [], named: 1 },
    { what: 'of a line break alone', lines: ['', ''], named: 1 },
    { what: 'that begins with an empty line', lines: ['', '{"data":1}'], named: 1 },
    { what: 'that ends with an empty line', lines: ['{"data":1}', '', ''], named: 2 },
    { what: 'that is one list', lines: ['[{"data":1},{"data":2}]'], named: 1 },
    {
      what: 'whose thousandth line is bad',
      lines: [...range(1, 999).map((n) => `{"data":${n}}`), CANARY],
      named: 1_000,
    },
  ])('row 19: $what is told line $named', async ({ lines, named }) => {
    const response = await server.refuseIn('row-19-first', publishOf(lines), notJson)
    expect(detailOf(response)).toMatch(new RegExp(`\\(line ${named}\\)$`))
  })

  it.each([
    { what: 'of 1,001 lines', lines: range(1, 1_001).map((n) => `{"data":${n}}`) },
    { what: 'of half a million lines', lines: Array<string>(500_000).fill('1') },
    { what: 'of line breaks alone', lines: Array<string>(1_000_000).fill('') },
    // Each line break inside is two bytes of the body, and seven of the stream.
    { what: 'of more than 1 MiB once encoded', lines: range(1, 10).map(() => `{"data":"${'\\n'.repeat(20_000)}"}`) },
  ])('row 65: $what is 413, and nothing of it is published', async ({ lines }) => {
    await server.refuseIn('row-65', publishOf(lines), tooLarge)
  })

  it('row 65: of 1,000 lines and 1 MiB once encoded is taken, and of one byte more is not', async () => {
    const around = (seq: number): number => `data: \nid: ${seq}-abcdef\n\n`.length
    const size = Math.floor(MIB / 1_000)
    const data = (seq: number): string => 'x'.repeat((seq < 1_000 ? size : MIB - 999 * size) - around(seq))
    // As it comes it is shorter: `{"data":""}` and a line break are less than what the stream has around an event.
    const lines = range(1, 1_000).map((seq) => `{"data":"${data(seq)}"}`)
    const tooMany = publishOf(lines.with(0, `{"data":"x${data(1)}"}`))
    await server.refuse(tooMany('row-65-good'), tooLarge, eventsOf('row-65-good'))
    const response = await server.send(publishOf(lines)('row-65-good'))
    expect(response.status).toBe(201)
    expect(await info(server.url, 'row-65-good')).toMatchObject({
      count: 1_000,
      newest: expect.stringMatching(/^1000-/),
    })
  })

  it('has changed nothing, also later', () => server.expectAllUnchanged())

  it('leaves everybody else alone: they lost and repeated nothing', () => server.expectNobodyNoticed())

  it('is one line of JSON in the log, and nothing else is', () => server.expectOneLineEach())
})
