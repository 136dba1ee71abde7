/** What the types of `connect` promise: held to by `tsc -p test`, and never run. */

import { EventSource } from '../../../src/client/event-source.ts'
import { share } from '../../../src/client/share.ts'
import {
  type ClientMessage,
  type Connection,
  type ConnectionState,
  type ConnectOptions,
  connect,
  type Schemas,
  type StandardSchema,
  type StreamEvents,
  type StreamMessage,
} from '../../../src/client.ts'

/** Whether both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <_ extends true>(): void => {}

interface Chat {
  chat: { from: string; text: string }
  count: number
}
declare const chat: Connection<Chat>
declare const numbers: StandardSchema<number>

export async function narrowsByEventName(): Promise<void> {
  for await (const message of chat) {
    holds<Same<(typeof message)['event'], 'chat' | 'count' | keyof StreamEvents>>()
    if (message.event === 'chat') holds<Same<typeof message.data, { from: string; text: string }>>()
    if (message.event === 'count') holds<Same<typeof message.data, number>>()
    if (message.event === 'stream.gap') holds<Same<typeof message.data, StreamEvents['stream.gap']>>()
    if (message.event === 'stream.end') holds<Same<typeof message.data.reconnect, boolean>>()
    if (message.event === 'stream.presence') holds<Same<typeof message.data.subscribers, number>>()
    holds<Same<typeof message.id, string | undefined>>()
    // @ts-expect-error: nobody has declared such an event.
    if (message.event === 'other') message.data
    // @ts-expect-error: which event it is has to be known first.
    message.data.text
  }
}

export async function givesTextUnlessToldOtherwise(): Promise<void> {
  const plain = connect('https://example.com/')
  holds<Same<typeof plain, Connection<Record<string, string>>>>()
  for await (const message of plain) {
    if (message.event === 'anything') holds<Same<typeof message.data, string>>()
    if (typeof message.data === 'string') holds<Same<typeof message.data, string>>()
  }
  // @ts-expect-error: an event whose data would be its own is not there to be declared by accident.
  const wrong: Connection<Chat> = plain
  void wrong
}

export async function takesTheOutputOfSchemas(): Promise<void> {
  const connection = connect<{ count: number }>('https://example.com/', { schemas: { count: numbers } })
  for await (const message of connection) if (message.event === 'count') holds<Same<typeof message.data, number>>()
  // Without a map, it is made of the schemas.
  const inferred = connect('https://example.com/', { schemas: { count: numbers } })
  holds<Same<typeof inferred, Connection<{ count: number }>>>()
  // @ts-expect-error: a schema gives what its event is declared to have.
  connect<{ count: string }>('https://example.com/', { schemas: { count: numbers } })
  // @ts-expect-error: and its event is declared.
  connect<{ count: number }>('https://example.com/', { schemas: { other: numbers } })
  const some: Schemas<Chat> = { count: numbers }
  void some
}

export async function isWhatItSays(): Promise<void> {
  await using connection = connect('https://example.com/')
  holds<Same<typeof connection.state, ConnectionState>>()
  holds<Same<ConnectionState['phase'], 'connecting' | 'live' | 'stalled' | 'resuming' | 'closed'>>()
  holds<Same<StreamMessage<{ a: 1 }>, ClientMessage<'a', 1> | StreamMessage<Record<never, never>>>>()
  // @ts-expect-error: the cursor is read, and given as an option.
  connection.lastEventId = '7'
  // @ts-expect-error
  connection.state = { phase: 'live', attempt: 0 }
}

/** Each of these is taken. */
export const options: ConnectOptions<Chat>[] = [
  {},
  { method: 'PATCH', body: new URLSearchParams() },
  { headers: { a: 'b' } },
  { headers: [['a', 'b']] },
  { headers: new Headers() },
  { headers: () => ({ a: 'b' }) },
  { headers: async () => new Headers() },
  { ticket: () => 'once' },
  { ticket: async () => 'once' },
  { fetch: async (request) => new Response(request.url) },
  { parse: (data, event) => [data.length, event.length] },
  { onState: ({ phase, attempt, retryAt, error }) => void [phase, attempt, retryAt, error] },
  // @ts-expect-error: it is sent with each attempt, and a stream can be sent once.
  { body: new ReadableStream() },
  // @ts-expect-error: one way only.
  { credentials: 'always' },
]

/** Options are passed on from others that may not have them, also under `exactOptionalPropertyTypes`. */
export function takesWhatIsUndefined(given: { [Name in Exclude<keyof ConnectOptions, 'onState'>]?: undefined }): void {
  connect<Chat>('https://example.com/', given)
  share<Chat>('https://example.com/', { name: undefined, ...given })
  new EventSource('https://example.com/', { withCredentials: undefined, heartbeat: given.heartbeat })
}

export function mayNameItselfInItsCallback(): void {
  const connection = connect('https://example.com/', { onState: () => void connection.lastEventId })
  holds<Same<typeof connection.lastEventId, string>>()
}
