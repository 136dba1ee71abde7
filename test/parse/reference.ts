/**
 * The algorithm of the specification, step by step and over all of a stream at once: nothing to use, but to compare with.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
import type { ParsedMessage } from '../../src/parse.ts'
import type { Seen } from './differences.ts'

export function reference(bytes: Uint8Array): Seen {
  const seen: Seen = { order: [], retries: [], comments: [] }
  let data = ''
  let event = ''
  let id: string | undefined

  function dispatch(): void {
    if (id !== undefined) seen.order.push(id)
    if (data !== '') {
      const message: ParsedMessage = { data: data.slice(0, -1), event: event || undefined, id }
      seen.order.push(message)
    }
    data = ''
    event = ''
    id = undefined
  }

  function take(field: string, value: string): void {
    if (field === 'event') event = value
    else if (field === 'data') data += `${value}\n`
    else if (field === 'id' && !value.includes('\0')) id = value
    else if (field === 'retry' && /^[0-9]+$/.test(value)) seen.retries.push(Number(value))
  }

  // What follows the last line end is no line. A decoder strips one BOM.
  const lines = new TextDecoder()
    .decode(bytes)
    .split(/\r\n|\n|\r/)
    .slice(0, -1)
  for (const line of lines) {
    const colon = line.indexOf(':')
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (line === '') dispatch()
    else if (colon === 0) seen.comments.push(value)
    else take(colon === -1 ? line : line.slice(0, colon), value)
  }
  return seen
}
