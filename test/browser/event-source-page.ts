/** What the test of `EventSource` runs in a page: a case, by ours and by the browser's own. */
import { EventSource as Ours } from '../../src/client/event-source.ts'
import type { SourceClass } from '../client/event-source-case.ts'
import { eventSourceCases } from '../client/event-source-cases.ts'

export type Whose = 'ours' | 'native'

export interface EventSourcePage {
  run(name: string, whose: Whose, url: string): unknown
  /** What becomes of an empty one, of null, undefined, and of relative ones. */
  urls(whose: Whose): string[]
}

declare global {
  var eventSourcePage: EventSourcePage
}

const classOf = (whose: Whose): SourceClass => (whose === 'ours' ? Ours : EventSource)

globalThis.eventSourcePage = {
  run(name, whose, url) {
    const Class = classOf(whose)
    return eventSourceCases.find((each) => each.name === name)?.run((init) => new Class(url, init), url, Class)
  },
  urls: (whose) =>
    ['', null, undefined, 'a/b', '?c'].map((url) => {
      const source = new (classOf(whose))(url as string)
      source.close()
      return source.url
    }),
}
