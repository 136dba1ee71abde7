/** What docs/coming-from-go.md says of event streams: piece by piece, to their end, and when their reader leaves. */
import { EventSource } from 'undici'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { RawSocket, request } from '../../e2e/raw-socket.ts'
import { HEARTBEAT } from '../../runtime.ts'
import { Page } from '../page.ts'

const page = new Page('docs/coming-from-go.md', 'streams')
const OPENING = new RegExp(`^: heartbeat=${HEARTBEAT}\\n\\nretry: (\\d+)\\n\\n`)

/** A reader on a socket of its own, which reads until what it says has come. */
class Reader {
  text = ''
  readonly socket: RawSocket
  readonly #chunks: AsyncIterator<Buffer>

  private constructor(socket: RawSocket, chunks: AsyncIterator<Buffer>) {
    this.socket = socket
    this.#chunks = chunks
  }

  static async open(port: number): Promise<Reader> {
    const socket = await RawSocket.open(port)
    onTestFinished(() => socket.cut('reset'))
    socket.write(request('GET', '/'))
    return new Reader(socket, socket.body(await socket.head()))
  }

  async until(part: string): Promise<void> {
    while (!this.text.includes(part)) {
      const { value, done } = await this.#chunks.next()
      if (done) throw new Error(`The stream ended without ${JSON.stringify(part)}: ${JSON.stringify(this.text)}`)
      this.text += value
    }
  }
}

const timersAre = async (count: number): Promise<void> => {
  while (vi.getTimerCount() !== count) {
    await new Promise(setImmediate)
    await vi.advanceTimersByTimeAsync(0)
  }
}

describe('with a clock that stands still', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  it.each([
    ['c.Stream and c.SSEvent', (n: number) => `event: tick\ndata: {"n":${n}}\n\n`, 1],
    ['http.Flusher and c.Writer.Flush', (n: number) => `event: progress\ndata: {"done":${n},"of":3}\n\n`, 0],
  ])('%s: each message arrives before its source can make the next', async (heading, message, atOnce) => {
    const { port } = await page.serve(heading)
    const reader = await Reader.open(port)
    await reader.until('retry: ')
    let expected = ''
    for (let n = 1; n <= 3; n++) {
      if (n > atOnce) await vi.advanceTimersByTimeAsync(200)
      await reader.until(message(n))
      expected += message(n)
      expect(reader.text.replace(OPENING, '')).toBe(expected) // And nothing of the next.
    }
    const [, retry] = OPENING.exec(reader.text) ?? []
    expect(Number(retry)).toBeGreaterThanOrEqual(1_000)
    expect(Number(retry)).toBeLessThanOrEqual(3_000)
  })

  it('a comment keeps a silent stream open', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => {}) // It says that it has stopped, when the test has.
    const { port } = await page.serve('Request.Context().Done()')
    const reader = await Reader.open(port)
    await reader.until('data: ')
    const { length } = reader.text
    await vi.advanceTimersByTimeAsync(HEARTBEAT * 1_000)
    await reader.until('\n\n: \n\n')
    expect(reader.text.slice(length)).toBe(': \n\n')
  })

  it('the work of a writer hears that its reader has left, and stops', async () => {
    const { port } = await page.serve('http.Flusher and c.Writer.Flush')
    const reader = await Reader.open(port)
    await vi.advanceTimersByTimeAsync(200)
    await reader.until('"done":1')
    await timersAre(2) // The work's, and that of the heartbeat, which goes with its reader.
    reader.socket.cut('fin')
    await timersAre(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(vi.getTimerCount()).toBe(0) // The second step has found the reader gone, and there is no third.
  })
})

describe('c.Stream and c.SSEvent', () => {
  it('ends for good: an EventSource comes back once with ~end, gets 204, and the source runs once', async () => {
    const { url, requests } = await page.serve('c.Stream and c.SSEvent')
    const source = new EventSource(url)
    onTestFinished(() => source.close())
    const heard: string[] = []
    source.addEventListener('tick', (event) => heard.push((event as MessageEvent).data))
    await new Promise<void>((closed) => {
      source.onerror = () => source.readyState === EventSource.CLOSED && closed()
    })
    expect(heard).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
    expect(requests.map(({ headers }) => headers.get('last-event-id'))).toEqual([null, '~end'])
    const response = await fetch(url, { headers: { 'last-event-id': '~end' } })
    expect(response.status).toBe(204)
  })
})

describe('Request.Context().Done()', () => {
  it.each(['reset', 'fin'] as const)(
    'runs `finally` at once when its reader leaves by a %s, and says no error',
    async (how) => {
      const log = vi.spyOn(console, 'log').mockImplementation(() => {})
      const error = vi.spyOn(console, 'error').mockImplementation(() => {})
      onTestFinished(() => void vi.restoreAllMocks())
      const { port } = await page.serve('Request.Context().Done()')
      const reader = await Reader.open(port)
      await reader.until('data: ')
      expect(log).not.toHaveBeenCalled()
      reader.socket.cut(how) // Its source waits for a minute, and its heartbeat for a quarter of one.
      await vi.waitFor(() => expect(log.mock.calls).toEqual([['stopped']]), { timeout: 5_000 })
      expect(error).not.toHaveBeenCalled()
    },
  )
})
