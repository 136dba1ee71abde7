/** The package `eventsource`. */
import { EventSource } from 'eventsource'
import { readEventSource } from './event-source.ts'
import type { Reader } from './reader.ts'

export const eventsource: Reader = {
  name: 'the eventsource package',
  reconnects: true,
  tellsIds: true,
  read: (url, terms) => readEventSource(EventSource, url, terms),
}
