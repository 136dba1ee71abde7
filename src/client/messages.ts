/** What a client hands out: the messages of a stream, and what edge-sse itself says in it. */
import type { StandardSchema } from './standard-schema.ts'

/** A message: `data` is the text on the wire, or what a schema or `parse` made of it. */
export interface ClientMessage<Event extends string = string, Data = string> {
  /** `message` where the stream names none. */
  event: Event
  data: Data
  /** The id of this very message; absent where it has none. */
  id?: string | undefined
}

/** What edge-sse's servers say of the stream itself, by event name. Everybody else's events have no such names. */
export interface StreamEvents {
  /** All that was retained has been handed out: from here on it is now. */
  'stream.live': Record<string, never>
  /** Events are missing here. What is retained follows. */
  'stream.gap': {
    reason: 'expired' | 'unknown' | 'slow' | 'malformed'
    asked: string | null
    oldest: string | null
    newest: string | null
  }
  /** The stream ends; the client comes back if `reconnect` says so. */
  'stream.end': { reconnect: boolean }
  /** The server takes nobody just now; the client comes back. `code` is the slug of the problem. */
  'stream.busy': { code: string }
  /** What the stream is made of failed. `code` is a slug such as `producer-failed`. */
  'stream.error': { code: string; message: string; run?: string }
  /** How many read the room. */
  'stream.presence': { subscribers: number }
}

type Named<Events> = { [Name in keyof Events & string]: ClientMessage<Name, Events[Name]> }[keyof Events & string]

/** A message of a stream whose events are `Events`: data types by event name. `event` tells which it is. */
export type StreamMessage<Events extends object = Record<string, string>> = Named<Events> | Named<StreamEvents>

/** A validator for the data of some events, by event name. https://standardschema.dev */
export type Schemas<Events extends object> = { [Name in keyof Events]?: StandardSchema<Events[Name]> }
