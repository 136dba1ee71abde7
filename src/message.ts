/**
 * The wire format going out: one message as one event-stream block.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
import { SseError } from './errors.ts'

/** One message of an event stream, its fields named as on the wire. */
export interface Message {
  /** A string goes out as it is, anything else as JSON. CR and CRLF inside reach the reader as LF. Required. */
  data: unknown
  /** The event's name. Without one (or with `''`) the reader sees a `message` event. */
  event?: string | undefined
  /** What a reader sends back as `Last-Event-ID`. `''` makes it forget the id it has. */
  id?: string | undefined
  /** Milliseconds the reader waits before it reconnects, a whole number. */
  retry?: number | undefined
}

/** The id that ends a stream for good: a request that comes back with it is answered 204. Ours alone. */
export const END_ID = '~end'

/**
 * Encodes a message as one complete block, blank line included.
 *
 * It refuses what would forge a field instead of cleaning it: throws an `SseError` with code `cannot-encode` and the
 * `field` for a newline or NUL in `event` or `id`, a lone surrogate anywhere, a `retry` that is not a whole number,
 * `data` that is missing or has no JSON, and the id `~end`, which edge-sse itself uses.
 *
 * @example
 * ```ts
 * import { formatMessage } from 'edge-sse'
 * formatMessage({ id: '7', event: 'progress', data: { done: 7, of: 10 } })
 * // 'event: progress\ndata: {"done":7,"of":10}\nid: 7\n\n'
 * ```
 */
export function formatMessage(message: Message): string {
  if (message.id === END_ID) throw refused('id', `is ${END_ID}, which ends a stream`)
  return formatBlock(message)
}

/** `formatMessage` without the rule that keeps `~end` for edge-sse: for the blocks we write ourselves. */
export function formatBlock({ data, event, id, retry }: Message): string {
  const head = event === lastEvent ? lastHead : headOf(event)
  // JSON has no line breaks: they are escaped in its strings.
  const lines =
    typeof data === 'string' ? prefixBreaks(wellFormed('data', data), 'data: ') : wellFormed('data', formatData(data))
  // Few and long pieces: each `+` is an object until somebody reads the text.
  if (retry === undefined && id !== undefined) return `${head}${lines}\nid: ${singleLine('id', id)}\n\n`
  const rest = `${retry === undefined ? '' : retryLine(retry)}${id === undefined ? '' : `id: ${singleLine('id', id)}\n`}`
  return `${head}${lines}\n${rest}\n`
}

/** What stands before the data, by name: streams say the same few names again and again, so it is checked and made once. */
const heads = new Map<string | undefined, string>()
/** Names kept, and characters of what is kept for one: they may be anybody's. */
const MOST = { names: 64, characters: 64 }
let lastEvent: string | undefined
let lastHead = 'data: '

function headOf(event: string | undefined): string {
  let head = heads.get(event)
  if (head === undefined) {
    head = event === undefined || event === '' ? 'data: ' : `event: ${singleLine('event', event)}\ndata: `
    if (heads.size < MOST.names && head.length <= MOST.characters) heads.set(event, head)
  }
  lastHead = head
  lastEvent = event
  return head
}

/** The text of `data` on the wire: a string as it is, anything else as JSON. */
export function formatData(data: unknown): string {
  if (typeof data === 'string') return data
  let json: string | undefined
  try {
    json = JSON.stringify(data)
  } catch (cause) {
    throw refused('data', 'has no JSON', cause)
  }
  if (json === undefined) throw refused('data', data === undefined ? 'is missing' : 'has no JSON')
  return json
}

/** A comment as one block: readers skip it, intermediaries see that the stream is alive. */
export function formatComment(text: string): string {
  return `: ${prefixBreaks(wellFormed('comment', text), ': ')}\n\n`
}

/** A block that only tells the reader how many milliseconds to wait before it reconnects. */
export function formatRetry(milliseconds: number): string {
  return `${retryLine(milliseconds)}\n`
}

/** A block that only tells the reader where it stands: it dispatches nothing. */
export function formatId(id: string): string {
  return `id: ${singleLine('id', id)}\n\n`
}

/** The text, its lines broken by LF alone, with `prefix` before each but the first. */
function prefixBreaks(text: string, prefix: string): string {
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
  let end = lines.indexOf('\n')
  if (end < 0) return lines
  let prefixed = ''
  let start = 0
  // Faster than `split` and `replace`, which make an array or a match for each line.
  for (; end >= 0; end = lines.indexOf('\n', start)) {
    prefixed = `${prefixed}${lines.slice(start, end + 1)}${prefix}`
    start = end + 1
  }
  return prefixed + lines.slice(start)
}

const retryLine = (milliseconds: number): string => {
  if (!Number.isSafeInteger(milliseconds) || milliseconds < 0)
    throw refused('retry', 'is not a whole number of milliseconds')
  return `retry: ${milliseconds}\n`
}

const singleLine = (field: string, text: string): string => {
  if (typeof text !== 'string') throw refused(field, 'is not a string')
  // By hand: for a few characters a call into the engine costs more than the loop.
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 14 || code >= 0xd800) return unusual(field, text)
  }
  return text
}

/** A text that has a control character, half of a pair or what comes after those. */
const unusual = (field: string, text: string): string => {
  if (text.includes('\0')) throw refused(field, 'contains NUL') // readers ignore an id that has one
  if (/[\n\r]/.test(text)) throw refused(field, 'contains a newline')
  return wellFormed(field, text)
}

/** The text; throws `cannot-encode` where half of a surrogate pair stands in it, which UTF-8 has no bytes for. */
export const wellFormed = (field: string, text: string): string => {
  if (!text.isWellFormed()) throw refused(field, 'contains a lone surrogate')
  return text
}

const refused = (field: string, state: string, cause?: unknown): SseError =>
  new SseError('cannot-encode', `Cannot encode message: \`${field}\` ${state}`, { field, cause })
