/** What docs/coming-from-go.md says of messages: their fields on the wire, their ids, their names. */
import { EventSource } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { formatMessage, type Message } from '../../../src/message.ts'
import type { ParsedMessage } from '../../../src/parse.ts'
import { readMessages, responseOf } from '../../../src/testing.ts'
import { exchange, request } from '../../e2e/raw-socket.ts'
import { Page, type Program } from '../page.ts'

const page = new Page('docs/coming-from-go.md', 'messages')

/** What a reader makes of a stream. */
async function read(text: string): Promise<{ messages: ParsedMessage[]; retry: number | undefined }> {
  const reader = await readMessages(responseOf([text]))
  return { messages: await reader.rest(), retry: reader.retry }
}

/** As hertz-contrib/sse and gin-contrib/sse write them. */
const IN_GO = 'id:7\nevent:price\nretry:5000\ndata:{"eur":41}\n\n'

describe('NewStream, Publish and Event{Event, Data, ID, Retry}', () => {
  const heading = 'NewStream, Publish and Event{Event, Data, ID, Retry}'

  it('sends the fields that Go sends, with a space after the colon and in another order', async () => {
    const { text } = await page.block<Program & { text: string }>(heading)
    const { port } = await page.serve(heading)
    const { body } = await exchange(port, request('GET', '/'))
    expect(text).toBe('event: price\ndata: {"eur":41}\nretry: 5000\nid: 7\n\n')
    expect(String(body)).toContain(`\n\n${text}`)
    const lines = (block: string) => block.trim().replaceAll(': ', ':').split('\n').sort()
    expect(lines(text)).toEqual(lines(IN_GO))
    expect(await read(text)).toEqual(await read(IN_GO))
    expect(await read(text)).toEqual({ messages: [{ id: '7', event: 'price', data: '{"eur":41}' }], retry: 5000 })
  })

  it('keeps the space that data begins with, which a reader takes from what Go writes', async () => {
    expect((await read('data: indented\n\n')).messages).toEqual([{ data: 'indented' }]) // Go: "data:" and " indented"
    expect((await read(formatMessage({ data: ' indented' }))).messages).toEqual([{ data: ' indented' }])
  })

  it('writes text, JSON and line breaks as the page says', async () => {
    expect(formatMessage({ data: null })).toBe('data: null\n\n')
    expect(formatMessage({ data: '' })).toBe('data: \n\n')
    expect(formatMessage({ data: 'a\rb\nc' })).toBe('data: a\ndata: b\ndata: c\n\n')
    expect(formatMessage({ id: '', retry: 0, data: 'x' })).toBe('data: x\nretry: 0\nid: \n\n')
  })

  it.each<[string, Message]>([
    ['event', { event: 'a\ndata: forged', data: '' }],
    ['id', { id: '1\rdata: forged', data: '' }],
    ['data', { event: 'a' } as Message],
  ])('throws for a bad `%s`', (field, message) => {
    expect(() => formatMessage(message)).toThrow(expect.objectContaining({ code: 'cannot-encode', field }))
  })
})

describe('GetLastEventID', () => {
  const data = async (port: number, target: string, headers = {}): Promise<string[]> => {
    const { body } = await exchange(port, request('GET', target, headers))
    return (await read(String(body))).messages.flatMap(({ event, id, data }) => (event ? [] : [`${id} ${data}`]))
  }

  it('goes on after the id of the header, or of ?lastEventId=, and counts nonsense as none', async () => {
    const { port } = await page.serve('GetLastEventID')
    const all = ['1 1', '2 4', '3 9', '4 16', '5 25']
    expect(await data(port, '/')).toEqual(all)
    expect(await data(port, '/', { 'Last-Event-ID': '3' })).toEqual(all.slice(3))
    expect(await data(port, '/?lastEventId=4')).toEqual(all.slice(4))
    expect(await data(port, '/?lastEventId=1', { 'Last-Event-ID': '3' })).toEqual(all.slice(3))
    expect(await data(port, '/', { 'Last-Event-ID': 'x' })).toEqual(all)
  })

  it('is 204 for who has read to the end', async () => {
    const { port } = await page.serve('GetLastEventID')
    expect((await exchange(port, request('GET', '/', { 'Last-Event-ID': '~end' }))).status).toBe(204)
  })
})

describe('A named ping', () => {
  it('never reaches onmessage, but its own listener', async () => {
    type Listen = { listen(source: unknown, show: (text: string) => void): void }
    const { listen } = await page.block<Program & Listen>('A named ping')
    const { url } = await page.serve('A named ping')
    const source = new EventSource(url)
    onTestFinished(() => source.close())
    const shown: string[] = []
    await new Promise<void>((both) => {
      listen(source, (text) => shown.push(text) === 2 && both())
    })
    expect(shown).toEqual(['ping: 1', 'onmessage: hello'])
  })

  it('is the default event when it is called "message", as gin and hertz call it', async () => {
    expect((await read('event:message\ndata:x\n\n')).messages[0]?.data).toBe('x')
  })
})
