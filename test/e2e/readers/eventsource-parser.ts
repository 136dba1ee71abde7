/** The package `eventsource-parser`, fed with what fetch reads. It dispatches no comment and does not reconnect. */
import { createParser } from 'eventsource-parser'
import type { Dispatched } from '../awkward.ts'
import type { Reader } from './reader.ts'

export const eventsourceParser: Reader = {
  name: 'eventsource-parser',
  reconnects: false,
  tellsIds: true,
  async read(url, { until }): Promise<Dispatched[]> {
    const heard: Dispatched[] = []
    // It tells the id that stands in a block, and leaves it to its caller to remember the last one.
    let last = ''
    const parser = createParser({
      onEvent({ id, event = 'message', data }) {
        last = id ?? last
        heard.push({ id: last, event, data })
      },
    })
    const left = new AbortController()
    const { body } = await fetch(url, { signal: left.signal })
    for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      parser.feed(text)
      if (heard.some(({ event }) => event === until)) break
    }
    left.abort()
    return heard
  },
}
