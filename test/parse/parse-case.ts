/**
 * What an event stream is to be read as, for any reader on any platform.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
import type { ParsedMessage } from '../../src/parse.ts'

/** A message, or the id of a block without data: no message, but the last event ID from there on. */
export type Block = ParsedMessage | { id: string }

export interface ParseCase {
  name: string
  /** The section of the specification, or the file of web-platform-tests, that it is derived from. */
  source: string
  /** Its lines end in LF, and are read with CRLF and CR too unless `asIs`. */
  stream: string | Uint8Array
  /** What comes of it, in order. The last event ID at its end is the last `id` here, or `''`. */
  blocks: Block[]
  /** Each reconnection time that is set, in milliseconds. Defaults to none. */
  retries?: number[]
  /** Defaults to none. */
  comments?: string[]
  /** Its line ends are what it is about. */
  asIs?: true
}

export const PARSING = 'HTML 9.2.5 Parsing an event stream'
export const INTERPRETING = 'HTML 9.2.6 Interpreting an event stream'
export const wpt = (name: string): string => `WPT eventsource/${name}.js`

const encoder = new TextEncoder()

/** Bytes out of texts and bytes. */
export function bytesOf(...parts: (string | number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...encoder.encode(part)] : part)))
}
