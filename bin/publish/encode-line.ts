/** A line of what is to be published, as a line of the body that publishes it. */
import { formatMessage } from 'edge-sse'

/** What a line is: text, the JSON of an event's data, or `{"event"?, "data"}`. */
export type LineFormat = 'text' | 'json' | 'ndjson'

export interface EncodedLine {
  /** One line of NDJSON, and by itself a body of JSON. */
  json: string
  /** Bytes it counts for: as a body or as a block of the event stream, whichever is more. */
  bytes: number
}

/** The longest an id of a room can be. */
const ID = `${Number.MAX_SAFE_INTEGER}-aaaaaa`

/** Throws an `Error` whose message says what the line is not. */
export function encodeLine(text: string, format: LineFormat, event: string | undefined): EncodedLine {
  // Between the values of JSON a line break is as good as a space.
  const line = format === 'text' ? text : text.trim().replaceAll(/[\r\n]/g, ' ')
  const message = format === 'ndjson' ? parsed(line) : { event, data: format === 'json' ? parsed(line) : line }
  if (!isMessage(message)) throw new Error('it is no {"event"?, "data"}')
  // What is JSON goes out as it was written: numbers keep their digits.
  const data = format === 'json' ? line : JSON.stringify(line)
  const json =
    format === 'ndjson' ? line : `{${event === undefined ? '' : `"event":${JSON.stringify(event)},`}"data":${data}}`
  const block = typeof message.data === 'string' ? Buffer.byteLength(formatMessage({ ...message, id: ID })) : 0
  return { json, bytes: Math.max(block, Buffer.byteLength(json) + ID.length) }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new Error('it is not JSON')
  }
}

const isMessage = (value: unknown): value is { event?: string | undefined; data: unknown } =>
  typeof value === 'object' &&
  value !== null &&
  'data' in value &&
  (!('event' in value) || value.event === undefined || typeof value.event === 'string')
