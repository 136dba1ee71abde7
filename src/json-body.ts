/** The body of a request as JSON, with limits on everything a stranger decides. */
import { SseError } from './errors.ts'

export interface JsonBodyOptions {
  /** Most bytes. Defaults to 1 MiB. */
  limit?: number
  /** Milliseconds until the whole body must be here. Defaults to 10,000. */
  timeout?: number
}

/** Levels of nesting: deeper JSON is an attack on whoever parses it next. */
const DEPTH = 64

/**
 * Reads JSON. Numbers keep the digits they were written with when `JSON.stringify` writes them again: one that a double
 * would write differently (`1.0`, `12345678901234567890`) is a `JSON.rawJSON` object, not a number.
 * Rejects with `unsupported-media-type`, `unsupported-encoding`, `payload-too-large`, `request-timeout`,
 * `invalid-utf8` or `invalid-json`.
 */
export async function readJson(request: Request, options: JsonBodyOptions = {}): Promise<unknown> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    throw new SseError('unsupported-media-type', 'Cannot read body: its Content-Type is not application/json')
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity')
    throw new SseError('unsupported-encoding', 'Cannot read body: it has a Content-Encoding')
  return parseJson(decode(await readBytes(request, options)))
}

async function readBytes(
  request: Request,
  { limit = 1_048_576, timeout = 10_000 }: JsonBodyOptions,
): Promise<Uint8Array> {
  const tooLarge = new SseError('payload-too-large', `Cannot read body: it is longer than ${limit} bytes`)
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge
  const reader = request.body?.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  let late = false
  const timer = setTimeout(() => {
    late = true
    void reader?.cancel().catch(() => {}) // Ends the read below.
  }, timeout)
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      chunks.push(next.value)
      length += next.value.byteLength
      if (length > limit) {
        void reader?.cancel().catch(() => {}) // What it still sends is nobody's concern.
        throw tooLarge
      }
    }
  } catch (cause) {
    if (cause instanceof SseError) throw cause
    throw new SseError('malformed-request', 'Cannot read body: it broke off', { cause })
  } finally {
    clearTimeout(timer)
  }
  if (late) throw new SseError('request-timeout', `Cannot read body: it was not here after ${timeout / 1000} s`)
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.byteLength
  }
  return body
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch (cause) {
    throw new SseError('invalid-utf8', 'Cannot read body: it is not UTF-8', { cause })
  }
}

function parseJson(text: string): unknown {
  if (depth(text) > DEPTH)
    throw new SseError('invalid-json', `Cannot read body: its JSON is nested deeper than ${DEPTH}`)
  try {
    // Most bodies hold nothing that `keepDigits` looks for, and parse a hundred times faster without it.
    if (!/-0|\d{16}|\d[.eE]|\\u[dD][89a-fA-F]/.test(text)) return JSON.parse(text)
    return JSON_WITH_SOURCE.parse(text, keepDigits)
  } catch (cause) {
    if (cause instanceof SseError) throw cause
    throw new SseError('invalid-json', 'Cannot read body: it is not JSON', { cause })
  }
}

/** https://github.com/tc39/proposal-json-parse-with-source, on all our runtimes and not yet in the standard types. */
interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  rawJSON(text: string): unknown
}
const JSON_WITH_SOURCE = JSON as unknown as JsonWithSource // What the types lack, the runtimes have.

const keepDigits = (key: string, value: unknown, { source }: { source?: string }): unknown => {
  if (!key.isWellFormed() || (typeof value === 'string' && !value.isWellFormed()))
    throw new SseError('invalid-utf8', 'Cannot read body: a string holds a lone surrogate')
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value
  return JSON_WITH_SOURCE.rawJSON(source)
}

/** How deep brackets nest outside strings, before any parser recurses into them. */
function depth(text: string): number {
  let level = 0
  let deepest = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (inString) {
      if (character === '\\') index++
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++level)
    else if (character === '}' || character === ']') level--
  }
  return deepest
}
