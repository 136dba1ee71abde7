/**
 * What an `EventSource` dispatches, whoever made it: one text for all of them, in this process or in a page.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
 */
import type { Dispatched } from '../awkward.ts'
import type { Terms } from './reader.ts'

type EventSourceClass = new (
  url: string,
) => {
  readonly readyState: number
  addEventListener(name: string, listener: (event: object) => void): void
  close(): void
}

/**
 * Comments, and blocks without data, are not dispatched. Its text is also run in a page: it may use nothing from outside.
 */
export function readEventSource(Source: EventSourceClass, url: string, { names, until }: Terms): Promise<Dispatched[]> {
  return new Promise((resolve) => {
    const source = new Source(url)
    const heard: Dispatched[] = []
    const listen = (event: { type?: string; data?: string; lastEventId?: string }): void => {
      const { type: name = '', data, lastEventId: id } = event
      // Its own `open` and `error` come under those names too, without data.
      if (data !== undefined && id !== undefined) {
        heard.push({ id, event: name, data })
        if (name !== until) return
        source.close()
        resolve(heard)
      } else if (name === 'error' && source.readyState === 2) resolve(heard)
    }
    for (const name of new Set([...names, 'error'])) source.addEventListener(name, listen)
  })
}
