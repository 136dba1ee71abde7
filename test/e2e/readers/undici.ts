/** The EventSource of undici, which is Node's. */
import { EventSource } from 'undici'
import { readEventSource } from './event-source.ts'
import type { Reader } from './reader.ts'

export const undici: Reader = {
  name: "undici's EventSource",
  reconnects: true,
  tellsIds: true,
  read: (url, terms) => readEventSource(EventSource, url, terms),
}
