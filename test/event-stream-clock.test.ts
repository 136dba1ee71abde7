/** Beats, ages and ends of event streams. Alone in its file: a stream of another test would set timers of its own here. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EventResponseStream } from '../src/event-response-stream.ts'
import { eventStream } from '../src/event-stream.ts'
import { EventStreamWriter } from '../src/event-stream-writer.ts'
import { BodyReader } from './body-reader.ts'

describe('EventStreamWriter, by a clock that the test turns', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    vi.spyOn(Math, 'random').mockReturnValue(0.5) // retry: 2000; the greatest age is 90 % of maxAge
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  const OPENING = ': heartbeat=15\n\nretry: 2000\n\n'
  const BEAT = ': \n\n'
  const wait = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds)

  /** A stream with a reader that takes everything at once into `body.text`. */
  function open(options: ConstructorParameters<typeof EventStreamWriter>[1] = {}): {
    stream: EventStreamWriter
    body: BodyReader
    ended: Promise<string>
  } {
    const stream = new EventStreamWriter(new Request('http://localhost/sse'), options)
    const body = new BodyReader(stream.response.body)
    const ended = body.rest()
    ended.catch(() => {})
    return { stream, body, ended }
  }

  it('beats after 15 s of silence, and every 15 s', async () => {
    const { stream, body } = open()
    await wait(14_999)
    expect(body.text).toBe(OPENING)
    await wait(1)
    expect(body.text).toBe(OPENING + BEAT)
    await wait(14_999)
    expect(body.text).toBe(OPENING + BEAT)
    await wait(30_001)
    expect(body.text).toBe(OPENING + BEAT.repeat(4))
    await stream.close()
  })

  it('counts the silence from the last message or comment', async () => {
    const { stream, body } = open()
    await wait(10_000)
    await stream.send({ data: 'a' })
    await wait(14_999)
    expect(body.text).toBe(`${OPENING}data: a\n\n`)
    await wait(1)
    expect(body.text).toBe(`${OPENING}data: a\n\n${BEAT}`)
    await wait(10_000)
    await stream.comment('b')
    await wait(14_999)
    expect(body.text).toBe(`${OPENING}data: a\n\n${BEAT}: b\n\n`)
    await stream.close()
  })

  it('never beats while messages keep coming', async () => {
    const { stream, body } = open()
    for (let n = 0; n < 20; n++) {
      await wait(14_000)
      await stream.send({ data: 'a' })
    }
    expect(body.text).toBe(OPENING + 'data: a\n\n'.repeat(20))
    await stream.close()
  })

  it('queues no beat for a reader that is over its budget, and beats again once it has read', async () => {
    const stream = new EventStreamWriter(new Request('http://localhost/sse'), { budget: 100 })
    const body = new BodyReader(stream.response.body)
    const data = 'x'.repeat(200)
    const sent = stream.send({ data })
    await wait(300_000)
    const ended = body.rest()
    await wait(0)
    expect(body.text).toBe(`${OPENING}data: ${data}\n\n`)
    expect(await sent).toBe(true)
    await wait(15_000)
    expect(body.text).toBe(`${OPENING}data: ${data}\n\n${BEAT}`)
    stream.close()
    await ended
  })

  it('queues beats for a reader that does not read only up to its budget', async () => {
    const stream = new EventStreamWriter(new Request('http://localhost/sse'), { budget: 100 })
    const body = new BodyReader(stream.response.body)
    await wait(15_000 * 60)
    stream.close()
    const text = await body.rest()
    expect(text.startsWith(OPENING + BEAT)).toBe(true)
    expect(text.length).toBeLessThan(100 + BEAT.length + 100)
  })

  it.each(['close', 'cancel'] as const)('leaves no timer behind after %s', async (how) => {
    const { stream, body } = open()
    await stream.send({ data: 'a', id: '1' })
    expect(vi.getTimerCount()).toBe(1)
    if (how === 'close') await stream.close()
    else await body.cancel()
    await wait(100) // When it is looked whether the end was read.
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends at its greatest age, counted from its first id', async () => {
    const { stream, body, ended } = open({ maxAge: 100_000, heartbeat: 1_000_000 })
    await wait(500_000)
    await stream.send({ data: 'a', id: '1' })
    await wait(50_000)
    await stream.send({ data: 'b', id: '2' })
    await wait(39_999)
    expect(body.text).not.toContain('stream.end')
    expect(stream.signal.aborted).toBe(false)
    await wait(1)
    expect(await ended).toMatch(/id: 2\n\nevent: stream\.end\ndata: \{"reconnect":true\}\n\n$/)
    expect(vi.getTimerCount()).toBe(0)
    expect(stream.signal.aborted).toBe(true)
    expect(await stream.send({ data: 'c' })).toBe(false)
  })

  it('draws the greatest age between 80 and 100 %', async () => {
    for (const [random, age] of [
      [0, 800_000],
      [0.999999, 999_999],
    ] as const) {
      vi.mocked(Math.random).mockReturnValue(random)
      const { stream } = open({ maxAge: 1_000_000 })
      await stream.send({ data: 'a', id: '1' })
      await wait(age - 1)
      expect(stream.signal.aborted).toBe(false)
      await wait(2)
      expect(stream.signal.aborted).toBe(true)
    }
  })

  it('is 15 minutes old at most unless told otherwise', async () => {
    const { stream } = open()
    await stream.send({ data: 'a', id: '1' })
    await wait(900_000 * 0.9 - 1)
    expect(stream.signal.aborted).toBe(false)
    await wait(1)
    expect(stream.signal.aborted).toBe(true)
  })

  it('has no greatest age for a reader that has no id to come back with', async () => {
    for (const id of [undefined, '']) {
      const { stream } = open({ maxAge: 1000 })
      await stream.send({ data: 'a', id })
      await wait(24 * 3600 * 1000)
      expect(stream.signal.aborted).toBe(false)
      await stream.close()
    }
  })

  it('lets a reader go that does not even take its end within one heartbeat', async () => {
    const stream = new EventStreamWriter(new Request('http://localhost/sse'), { budget: 100, maxAge: 1000 })
    const body = new BodyReader(stream.response.body)
    const sent = ['1', '2', '3'].map((id) => stream.send({ data: 'x'.repeat(1000), id }))
    await wait(900)
    expect(stream.signal.aborted).toBe(true)
    expect(await sent.at(-1)).toBe(false)
    expect(vi.getTimerCount()).toBe(1)
    const broken = vi.fn()
    body.closed.catch(broken)
    await wait(14_999)
    expect(broken).not.toHaveBeenCalled()
    await wait(1)
    expect(broken).toHaveBeenCalledOnce() // At once, not when somebody reads again: what was queued is dropped.
    await expect(body.next()).rejects.toThrow('not read in time')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets a reader go that is under its budget too, and does not take its end', async () => {
    const stream = new EventStreamWriter(new Request('http://localhost/sse'), { maxAge: 1000 })
    const body = new BodyReader(stream.response.body)
    await stream.send({ data: 'a', id: '1' })
    await wait(1000 + 15_000)
    await expect(body.rest()).rejects.toThrow('not read in time')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets a reader go that takes nothing for 15 minutes, however old the stream may become', async () => {
    const stream = new EventStreamWriter(new Request('http://localhost/sse'), { budget: 100, maxAge: Infinity })
    const body = new BodyReader(stream.response.body)
    const sent = stream.send({ data: 'x'.repeat(200), id: '1' })
    await wait(899_999)
    expect(stream.signal.aborted).toBe(false)
    await wait(1)
    expect(stream.signal.aborted).toBe(true)
    expect(await sent).toBe(false)
    await wait(15_000)
    await expect(body.rest()).rejects.toThrow('not read in time')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keeps a reader that takes a little now and then, however slow it is', async () => {
    const stream = new EventStreamWriter(new Request('http://localhost/sse'), { budget: 100, maxAge: Infinity })
    const response = stream.run(async () => {
      while (await stream.send({ data: 'x'.repeat(200), id: '1' }));
    })
    const body = new BodyReader(response.body)
    for (let minutes = 0; minutes < 60; minutes += 10) {
      await wait(600_000)
      expect(stream.signal.aborted).toBe(false)
      await body.until('data: ')
      body.text = ''
    }
    await body.cancel()
  })

  it.each([undefined, Infinity])(
    'keeps the end of a finished stream for a reader that is slow, but not for ever: maxAge %s',
    async (maxAge) => {
      for (const [age, kept] of [
        [100_000, true],
        [900_000, false],
      ] as const) {
        const response = eventStream(new Request('http://localhost/sse'), [{ data: 'a' }], { maxAge })
        const body = new BodyReader(response.body)
        await wait(age)
        if (kept) expect(await body.rest()).toContain('id: ~end')
        else await expect(body.rest()).rejects.toThrow('not read in time')
        await wait(15_000)
        expect(vi.getTimerCount()).toBe(0)
      }
    },
  )

  it('ends when the right to read does, to the millisecond, whether or not it has an id or an age', async () => {
    const now = vi.spyOn(Date, 'now').mockReturnValue(1_000_000)
    for (const maxAge of [undefined, 1_000_000]) {
      const { stream, body, ended } = open({ expires: 1_050_000, maxAge, heartbeat: 1_000_000 })
      now.mockReturnValue(9_000_000) // Somebody sets the clock: no time has passed.
      if (maxAge) await stream.send({ data: 'a', id: '1' })
      await wait(49_999)
      expect(body.text).not.toContain('stream.end')
      await wait(1)
      expect(await ended).toMatch(/event: stream\.end\ndata: \{"reconnect":true\}\n\n$/)
      expect(stream.signal.aborted).toBe(true)
      expect(vi.getTimerCount()).toBe(0)
      now.mockReturnValue(1_000_000)
    }
  })

  it('ends at its greatest age where that is earlier', async () => {
    const { stream } = open({ expires: Date.now() + 100_000, maxAge: 10_000 })
    await stream.send({ data: 'a', id: '1' })
    await wait(9_000)
    expect(stream.signal.aborted).toBe(true)
  })

  it('never expires by itself', async () => {
    for (const expires of [undefined, Number.POSITIVE_INFINITY]) {
      const { stream } = open({ expires, heartbeat: 2 ** 31 - 1 })
      await wait(10_000_000_000)
      expect(stream.signal.aborted).toBe(false)
      await stream.close()
    }
  })

  it('says nothing more once the right to read has ended, although its timer is late', async () => {
    const now = vi.spyOn(performance, 'now')
    const { stream, body, ended } = open({ expires: Date.now() + 1_000 })
    expect(await stream.send({ data: 'before' })).toBe(true)
    now.mockReturnValue(performance.now() + 1_001)
    expect(await stream.send({ data: 'after' })).toBe(false)
    expect(await stream.comment('after')).toBe(false)
    await ended
    expect(body.text).toContain('data: before\n\nevent: stream.end\ndata: {"reconnect":true}')
    expect(body.text).not.toContain('after')
  })

  it('opens and ends at once where the right to read has ended before, and its source is not asked', async () => {
    const asked = vi.fn()
    const source = async function* (): AsyncGenerator<{ data: string }> {
      asked()
      yield { data: 'a' }
    }
    const response = eventStream(new Request('http://localhost/sse'), source, { expires: Date.now() - 1 })
    expect(response.status).toBe(200)
    expect(await new BodyReader(response.body).rest()).toBe(`${OPENING}event: stream.end\ndata: {"reconnect":true}\n\n`)
    await wait(100)
    expect(asked).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
    const stream = new EventStreamWriter(new Request('http://localhost/sse'), { expires: 0 })
    expect(await stream.send({ data: 'a' })).toBe(false)
    expect(await new BodyReader(stream.response.body).rest()).not.toContain('data: a')
  })

  it('refuses an end of the right to read that is no moment', () => {
    for (const expires of [Number.NaN, '2026-01-01' as unknown as number, new Date() as unknown as number])
      expect(() => open({ expires })).toThrow(expect.objectContaining({ code: 'invalid-option', field: 'expires' }))
  })

  it('sends an old stream away to come back, also when its source closes it on being told to stop', async () => {
    const stream = new EventStreamWriter(new Request('http://localhost/sse'), { maxAge: 1000 })
    stream.signal.addEventListener('abort', () => void stream.close())
    const body = new BodyReader(stream.response.body)
    await stream.send({ data: 'a', id: '1' })
    await wait(1000)
    expect(await body.rest()).toMatch(/data: \{"reconnect":true\}\n\n$/)
  })

  it('is over within one heartbeat when its server ends, whoever reads, also where no id was ever sent', async () => {
    const stream = new EventResponseStream(new Request('http://localhost/sse'), { budget: 100 })
    const body = new BodyReader(stream.response.body)
    stream.enqueue(new Uint8Array(1000))
    const ended = vi.fn()
    void stream.sendAway().then(ended)
    await wait(14_999)
    expect(ended).not.toHaveBeenCalled()
    await wait(1)
    expect(ended).toHaveBeenCalledOnce()
    await expect(body.rest()).rejects.toThrow('not read in time')
  })

  it('gives a reader one heartbeat at least to take the end', async () => {
    const stream = new EventStreamWriter(new Request('http://localhost/sse'), { maxAge: 1000 })
    const body = new BodyReader(stream.response.body)
    await stream.send({ data: 'a', id: '1' })
    await wait(790)
    void stream.close()
    await wait(14_000)
    expect(await body.rest()).toContain('id: ~end')
  })

  it('does not report what only says that the reader has left', async () => {
    const onError = vi.fn()
    const reader = new AbortController()
    for (const error of [new DOMException('stopped', 'AbortError'), undefined]) {
      const stream = new EventStreamWriter(new Request('http://localhost/sse', { signal: reader.signal }), { onError })
      stream.run(async () => {
        await new Promise((resolve) => stream.signal.addEventListener('abort', resolve))
        throw error ?? stream.signal.reason
      })
      reader.abort()
      await wait(1)
    }
    expect(onError).not.toHaveBeenCalled()
  })

  it('runs no work for a reader that comes back after the end, nor for HEAD', async () => {
    const work = vi.fn(async () => {})
    const back = new Request('http://localhost/', { headers: { 'last-event-id': '~end' } })
    expect(new EventStreamWriter(back).run(work).status).toBe(204)
    const head = new EventStreamWriter(new Request('http://localhost/', { method: 'HEAD' })).run(work)
    expect([head.status, head.body, head.headers.get('content-type')]).toEqual([200, null, 'text/event-stream'])
    await wait(1)
    expect(work).not.toHaveBeenCalled()
    const own = new EventStreamWriter(back, { end: false }).run(work) // A format with an end of its own never gave that id.
    expect(own.status).toBe(200)
    await new BodyReader(own.body).rest()
    expect(work).toHaveBeenCalledOnce()
    await wait(15_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no timer behind when its response is never taken', async () => {
    const stream = new EventStreamWriter(new Request('http://localhost/sse'))
    await stream.send({ data: 'a', id: '1' })
    await wait(1) // `send` looked whether it was, one turn later.
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([Number.POSITIVE_INFINITY, 2 ** 32])('does not spin when the heartbeat is %d ms', async (heartbeat) => {
    const set = vi.spyOn(globalThis, 'setTimeout')
    let stream: EventStreamWriter
    try {
      stream = open({ heartbeat }).stream
    } catch {
      return // Refusing it is fine too.
    }
    await wait(1000)
    expect(set.mock.calls.length).toBeLessThan(5)
    await stream.close()
  })
})
