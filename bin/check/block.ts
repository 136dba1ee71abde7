/**
 * A block of an event stream as it was on the wire, and what a reader makes of it.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */

/** How a line ended. */
export type LineEnd = 'lf' | 'crlf' | 'cr'

export interface Line {
  /** Milliseconds after the request at which its end arrived. */
  at: number
  text: string
  end: LineEnd
  bytes: number
  isUtf8: boolean
}

/** A line as a reader takes it; a comment has the name `''`. */
export interface Field {
  name: string
  value: string
  line: Line
}

export interface Block {
  /** When it was complete. */
  at: number
  fields: Field[]
  /** Absent where no line names it. */
  event?: string
  /** The id that a reader has from here on; absent where no line says one. */
  id?: string
  /** Absent where there is no line of data: nothing is dispatched then. */
  data?: string
}

export const KNOWN: ReadonlySet<string> = new Set(['data', 'event', 'id', 'retry', ''])

export function fieldOf(line: Line): Field {
  const colon = line.text.indexOf(':')
  if (colon < 0) return { name: line.text, value: '', line }
  const value = line.text.slice(colon + 1)
  return { name: line.text.slice(0, colon), value: value.startsWith(' ') ? value.slice(1) : value, line }
}

export function blockOf(lines: Line[], at: number): Block {
  const fields = lines.map(fieldOf)
  const last = (name: string): string | undefined => fields.findLast((field) => field.name === name)?.value
  const event = last('event')
  const id = fields.findLast((field) => field.name === 'id' && !field.value.includes('\0'))?.value
  const data = fields.filter(({ name }) => name === 'data').map(({ value }) => value)
  return {
    at,
    fields,
    ...(event === undefined ? {} : { event }),
    ...(id === undefined ? {} : { id }),
    ...(data.length === 0 ? {} : { data: data.join('\n') }),
  }
}
