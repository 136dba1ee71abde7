// GET URL    what is wrong with an event stream, and what to do
import { examine, type Report } from './check/examine.ts'
import { LIMITS } from './check/limits.ts'
import { reportJson, reportText } from './check/report.ts'
import { colour } from './colour.ts'
import { type Command, EXIT, type Invocation, UsageMistake, type Values } from './command.ts'
import { duration } from './duration.ts'
import { printable } from './printable.ts'
import { headersOf, REQUEST_OPTIONS, urlOf } from './request-target.ts'

/** Exit codes of its own. */
const FOUND = { warnings: 3, errors: 4 } as const
/** A site that no server knows. */
const MADE_UP = 'https://app.example'
/** Milliseconds: an hour. */
const LONGEST = 3_600_000
/** What it says itself: with another value it would examine something else. */
const OURS = ['accept', 'accept-encoding', 'connection', 'content-length', 'last-event-id', 'origin']

const HELP = `
Reads the stream as a browser's EventSource does, then comes back as one that was cut off, and says what it found:
errors first, then warnings and notes, each with what to do. What it could not judge it says too.

  --for TIME                  how long the stream is watched. 20s, and longer where a silence has to be judged
  --timeout TIME              how long the head of an answer may take. 10s
  --silence TIME              the longest silence without a heartbeat that is fine, where the server names none. 32s
  -H, --header 'NAME: VALUE'  sent along with each request, to that origin alone; may be repeated
  --token TOKEN               as Authorization: Bearer TOKEN, likewise. EDGE_SSE_TOKEN is not sent: the server may be
                              a stranger's
  --origin ORIGIN             the site whose page asks. ${MADE_UP}
  --json                      the report as JSON

It sends at most 10 GET and OPTIONS requests, two of them at once, and never a POST. Where each request starts a piece
of work, a model's answer for one, it is started as often.

Examples:
  edge-sse check http://localhost:8787/sse
  edge-sse check https://api.example/events --header 'authorization: Bearer …' --for 70s
  edge-sse check https://api.example/events --json | jq '.findings[] | select(.severity == "error")'
`

export const check: Command = {
  name: 'check',
  summary: 'examine an event stream, and say what is wrong with it',
  usage: 'check URL',
  help: HELP,
  exits: '0 nothing but notes · 3 warnings · 4 errors',
  options: {
    for: { type: 'string' },
    timeout: { type: 'string' },
    silence: { type: 'string' },
    ...REQUEST_OPTIONS,
    origin: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(invocation) {
    const { values, positionals, io } = invocation
    if (positionals.length > 1) throw new UsageMistake('Cannot check: it takes one URL')
    const isJson = values.json === true
    const origin = originOf(values)
    const url = urlOf('check', positionals[0])
    const report = await examine({
      url,
      headers: sentAlong(url, invocation),
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

function originOf({ origin }: Values): string | undefined {
  if (typeof origin !== 'string') return undefined
  if (origin !== URL.parse(origin)?.origin)
    throw new UsageMistake(
      `Cannot check: ${printable(origin, { atMost: 80 })} is no origin like https://app.example, without a path`,
    )
  return origin
}

/** Milliseconds: more than none, and not more than a timer takes. */
function timeOf(option: string, text: string): number {
  const milliseconds = duration(option, text)
  if (milliseconds > 0 && milliseconds <= LONGEST) return milliseconds
  throw new UsageMistake(`Cannot check: --${option} is more than 0s and at most 1h`)
}

function timesOf(values: Values): Partial<Record<'for' | 'timeout' | 'silence', number>> {
  const given = (['for', 'timeout', 'silence'] as const).flatMap((name) => {
    const text = values[name]
    return typeof text === 'string' ? [[name, timeOf(name, text)]] : []
  })
  return Object.fromEntries(given)
}

/** Of the command line alone: a token of the environment is for servers of one's own, and this may be a stranger's. */
function sentAlong(url: URL, { values, io }: Invocation): Record<string, string[]> {
  const headers = headersOf('check', url, { values, io: { ...io, env: {} } }, OURS)
  return Object.fromEntries([...headers].map(([name, value]) => [name, [value]]))
}
