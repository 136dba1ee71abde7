/** The body of a request as JSON, or as a list of JSON values, one a line: https://github.com/ndjson/ndjson-spec */
import { type BodyOptions, readText } from './body-text.ts'
import { located, SseError } from './errors.ts'
import { parseJson } from './json.ts'

export interface NdjsonBodyOptions extends BodyOptions {
  /** Most lines. Defaults to 1,000. */
  lines?: number
}

/**
 * Reads JSON. Numbers keep the digits they were written with when `JSON.stringify` writes them again: one that a double
 * would write differently (`1.0`, `12345678901234567890`) is a `JSON.rawJSON` object, not a number.
 * Rejects with `unsupported-media-type`, `unsupported-encoding`, `payload-too-large`, `request-timeout`,
 * `invalid-utf8` or `invalid-json`.
 */
export async function readJson(request: Request, options: BodyOptions = {}): Promise<unknown> {
  return parseJson(await readText(request, 'application/json', options))
}

/** The same of a body that has to be an object; anything else is `invalid-json`. */
export async function readJsonObject(request: Request, options: BodyOptions = {}): Promise<Record<string, unknown>> {
  const value = await readJson(request, options)
  // A number, read with its digits, is an object too, but none that inherits from `Object`.
  if (!(value instanceof Object) || Array.isArray(value))
    throw new SseError('invalid-json', 'Cannot read body: it is not a JSON object')
  return value as Record<string, unknown>
}

/**
 * Reads JSON values, one a line, each as `convert` makes it; a line break at the end is fine, an empty line is not.
 * Rejects as `readJson` does, with `payload-too-large` for too many lines, and with what `convert` throws; what is wrong
 * with a line names it.
 */
export async function readNdjson<Value>(
  request: Request,
  convert: (value: unknown) => Value,
  { lines: most = 1_000, ...options }: NdjsonBodyOptions = {},
): Promise<Value[]> {
  const text = await readText(request, 'application/x-ndjson', options)
  const lines = text.replace(/\n$/, '').split('\n', most + 1)
  if (lines.length > most) throw new SseError('payload-too-large', `Cannot read body: it has more than ${most} lines`)
  return lines.map((line, index) => {
    try {
      return convert(parseJson(line))
    } catch (error) {
      throw located(error, `line ${index + 1}`)
    }
  })
}
