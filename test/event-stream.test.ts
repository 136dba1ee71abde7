import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import { EventStreamWriter } from '../src/event-stream-writer.ts'
import { BodyReader } from './body-reader.ts'
import { eventStreamSuite } from './event-stream.suite.ts'

eventStreamSuite()

describe('EventStreamWriter, and the request it answers', () => {
  it('hears that its reader has left although nobody else holds the request', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const reader = new AbortController()
    const stream = new EventStreamWriter(new Request('http://localhost/sse', { signal: reader.signal }))
    const left = vi.fn()
    stream.signal.addEventListener('abort', left)
    for (let turns = 0; turns < 3; turns++) {
      collect()
      await new Promise((resolve) => setTimeout(resolve))
    }
    reader.abort()
    expect(left).toHaveBeenCalledOnce()
  })

  it.each(['close', 'cancel', 'abort'] as const)('leaves nothing on its signal after %s', async (how) => {
    const reader = new AbortController()
    // As a server's own: `new Request` would give it one that only follows this.
    const request = Object.defineProperty(new Request('http://localhost/sse'), 'signal', { value: reader.signal })
    const stream = new EventStreamWriter(request)
    const body = new BodyReader(stream.response.body)
    expect(getEventListeners(reader.signal, 'abort')).toHaveLength(1)
    if (how === 'close') await stream.close()
    else if (how === 'cancel') await body.cancel()
    else reader.abort()
    expect(getEventListeners(reader.signal, 'abort')).toHaveLength(0)
  })
})
