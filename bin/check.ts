// GET URL    what is wrong with an event stream, and what to do
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { duration } from './check/duration.ts'
import { examine, type Report } from './check/examine.ts'
import { LIMITS } from './check/limits.ts'
import { reportJson, reportText } from './check/report.ts'
import { colour } from './colour.ts'
import { type Command, EXIT, UsageMistake, type Values } from './command.ts'
import { printable } from './printable.ts'

/** Exit codes of its own. */
const FOUND = { warnings: 3, errors: 4 } as const
/** A site that no server knows. */
const MADE_UP = 'https://app.example'
/** What it says itself: with another value it would examine something else. */
const OURS = new Set(['accept', 'accept-encoding', 'connection', 'content-length', 'last-event-id', 'origin'])

const HELP = `
Reads the stream as a browser's EventSource does, then comes back as one that was cut off, and says what it found:
errors first, then warnings and notes, each with what to do. What it could not judge it says too.

  --for TIME         how long the stream is watched. 20s, and longer where a silence has to be judged
  --timeout TIME     how long the head of an answer may take. 10s
  --silence TIME     the longest silence without a heartbeat that is fine, where the server names none. 32s
  --header 'A: b'    sent along with each request, to that origin alone; may be repeated
  --origin ORIGIN    the site whose page asks. ${MADE_UP}
  --json             the report as JSON

It sends at most 10 GET and OPTIONS requests, two of them at once, and never a POST. Where each request starts a piece
of work, a model's answer for one, it is started as often.

  edge-sse check http://localhost:8787/sse
  edge-sse check https://api.example/events --header 'authorization: Bearer …' --for 70s
  edge-sse check https://api.example/events --json | jq '.findings[] | select(.severity == "error")'

Exit codes: 0 nothing but notes · 3 warnings · 4 errors
`

export const check: Command = {
  name: 'check',
  summary: 'examine an event stream, and say what is wrong with it',
  usage: 'check URL',
  help: HELP,
  options: {
    for: { type: 'string' },
    timeout: { type: 'string' },
    silence: { type: 'string' },
    header: { type: 'string', multiple: true },
    origin: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run({ values, positionals, io }) {
    const isJson = values.json === true
    const origin = originOf(values)
    const report = await examine({
      url: urlOf(positionals),
      headers: headersOf(values),
      origin: origin ?? MADE_UP,
      isMadeUp: origin === undefined,
      limits: { ...LIMITS, ...timesOf(values) },
      signal: io.signal,
      onStage: (what) => {
        if (io.stderr.isTTY) io.stderr.write(`${colour(io, io.stderr, 'dim', `edge-sse check ${what} …`)}\n`)
      },
    })
    io.stdout.write(isJson ? reportJson(report) : reportText(report, io))
    return exitCode(report)
  },
}

function exitCode({ findings }: Report): number {
  if (findings.some(({ severity }) => severity === 'error')) return FOUND.errors
  return findings.some(({ severity }) => severity === 'warning') ? FOUND.warnings : EXIT.fine
}

function urlOf([text, ...more]: string[]): URL {
  if (text === undefined || more.length > 0) throw new UsageMistake('Cannot check: it takes one URL')
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageMistake(`Cannot check: ${printable(text, { atMost: 80 })} is no URL like https://api.example/events`)
  return url
}

function originOf({ origin }: Values): string | undefined {
  if (typeof origin !== 'string') return undefined
  if (origin !== URL.parse(origin)?.origin)
    throw new UsageMistake(
      `Cannot check: ${printable(origin, { atMost: 80 })} is no origin like https://app.example, without a path`,
    )
  return origin
}

function timesOf(values: Values): Partial<Record<'for' | 'timeout' | 'silence', number>> {
  const given = (['for', 'timeout', 'silence'] as const).flatMap((name) => {
    const text = values[name]
    return typeof text === 'string' ? [[name, duration(name, text)]] : []
  })
  return Object.fromEntries(given)
}

function headersOf({ header = [] }: Values): Record<string, string[]> {
  const headers: Record<string, string[]> = {}
  for (const line of [header].flat().map(String)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (OURS.has(name)) throw new UsageMistake(`Cannot check: --header ${name} is what it says itself`)
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch {
      // Not the value: it may be a secret.
      throw new UsageMistake(`Cannot check: a --header is no 'name: value' that a request can have`)
    }
    headers[name] = [...(headers[name] ?? []), value]
  }
  return headers
}
