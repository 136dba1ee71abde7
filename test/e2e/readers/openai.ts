/**
 * The decoder of the package `openai`, as far as it knows nothing of OpenAI: names and data. It reads past ids, comments
 * and `retry`, and does not reconnect. What the package makes of a model's answer is in the test itself.
 */
import { _iterSSEMessages } from 'openai/core/streaming'
import type { Dispatched } from '../awkward.ts'
import type { Reader } from './reader.ts'

export const openai: Reader = {
  name: "openai's decoder",
  reconnects: false,
  tellsIds: false,
  async read(url, { until }): Promise<Dispatched[]> {
    const heard: Dispatched[] = []
    const left = new AbortController()
    for await (const { event, data } of _iterSSEMessages(await fetch(url, { signal: left.signal }), left)) {
      heard.push({ id: '', event: event ?? 'message', data })
      if (event === until) break
    }
    left.abort()
    return heard
  },
}
