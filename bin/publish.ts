// POST URL    events from words, a file or stdin, each of them once
import { randomUUID } from 'node:crypto'
import { open } from 'node:fs/promises'
import { addAbortSignal } from 'node:stream'
import { type Command, EXIT, type Invocation, UsageMistake } from './command.ts'
import { duration } from './duration.ts'
import { printable } from './printable.ts'
import { Undelivered } from './publish/deliver.ts'
import type { LineFormat } from './publish/encode-line.ts'
import { encodedLines, encodedWords, type Lines, type LineTerms } from './publish/encoded-lines.ts'
import { paced } from './publish/paced.ts'
import { publishLines } from './publish/publish-lines.ts'
import { report } from './publish/report.ts'
import { headersOf, REQUEST_HELP, REQUEST_OPTIONS, urlOf } from './request-target.ts'

/** Milliseconds after which a slow input is sent as far as it has come. */
const PAUSE = 25
/** Characters: with a number behind it, a room takes no more than 64 bytes. */
const LONGEST_KEY = 48

/** What each request says by itself; the key is that of `--key`. */
const OURS = ['accept', 'content-type', 'idempotency-key']

export const publish: Command = {
  name: 'publish',
  summary: 'publish events to a room: words, or each line of a file or of stdin',
  usage: 'publish URL [TEXT…]',
  help: `URL is that of the room's events, such as http://localhost:8787/rooms/lobby/events; on a server of your own, of what
takes {"event"?, "data"} as JSON and many of them as NDJSON, and answers with an id. Each TEXT is an event; without
one, each line of stdin is. Lines go out as they come, up to 1,000 in one request, and in order. What is interrupted is
sent again under the same Idempotency-Key until it is answered, so each event is there once.

  --event NAME                the name of each event
  --json                      each line is the data of an event, as JSON
  --ndjson                    each line is an event: {"event"?, "data"}
  --file PATH                 lines of a file instead of stdin
  --key KEY                   at most ${LONGEST_KEY} characters: the same input under the same key is published once, however
                              often this is run (a room remembers for 24 hours). Lines then go out 1,000 at a time, also
                              those that come slowly
  --retry-for TIME            how long a server that does not answer is tried (2m)
${REQUEST_HELP}

Examples:
  edge-sse publish http://localhost:8787/rooms/lobby/events hello
  tail -f app.log | edge-sse publish http://localhost:8787/rooms/log/events --event line
  edge-sse publish http://localhost:8787/rooms/orders/events --ndjson --file orders.ndjson --key orders-1`,
  options: {
    event: { type: 'string' },
    json: { type: 'boolean' },
    ndjson: { type: 'boolean' },
    file: { type: 'string' },
    key: { type: 'string' },
    'retry-for': { type: 'string' },
    ...REQUEST_OPTIONS,
  },
  async run(invocation) {
    const { io, values } = invocation
    const url = urlOf('publish', invocation.positionals[0])
    const headers = headersOf('publish', url, invocation, OURS)
    const patience = duration('retry-for', String(values['retry-for'] ?? '2m'))
    const terms = { format: formatOf(values), event: values.event as string | undefined }
    const run = keyOf(values) ?? randomUUID()
    const lines = await linesOf(invocation, terms)
    const { progress, retry, end } = report(io, isTyped(invocation))
    try {
      await publishLines(lines, {
        url,
        headers,
        patience,
        run,
        signal: io.signal,
        onRetry: retry,
        onProgress: progress,
      })
      end('done')
      return EXIT.fine
    } catch (error) {
      const { cause } = error as Error
      const isUnknown = cause instanceof Undelivered && cause.isUnknown
      end(io.signal.aborted ? 'stopped' : isUnknown ? 'unknown' : 'failed')
      throw error
    }
  },
}

function formatOf({ json, ndjson, event }: Invocation['values']): LineFormat {
  if (json && ndjson) throw new UsageMistake('Cannot publish: --json and --ndjson exclude each other')
  if (ndjson && event !== undefined)
    throw new UsageMistake('Cannot publish: with --ndjson each line names its own event, and --event is none of it')
  return ndjson ? 'ndjson' : json ? 'json' : 'text'
}

function keyOf({ key }: Invocation['values']): string | undefined {
  if (key === undefined) return undefined
  if (typeof key === 'string' && /^[\x21-\x7e]+$/.test(key) && key.length <= LONGEST_KEY) return key
  throw new UsageMistake(`Cannot publish: --key is not 1 to ${LONGEST_KEY} printable characters of ASCII without space`)
}

const isTyped = ({ positionals: [, text], values: { file = '-' }, io: { stdin } }: Invocation): boolean =>
  text === undefined && file === '-' && stdin.isTTY === true

async function linesOf(invocation: Invocation, terms: LineTerms): Promise<Lines> {
  const { io, values } = invocation
  const { file, key } = values
  const [, ...texts] = invocation.positionals
  if (texts.length > 0 && file !== undefined)
    throw new UsageMistake('Cannot publish: there are words and a --file, and one of them is too many')
  if (texts.length > 0) return encodedWords(texts, terms)
  if (typeof file === 'string' && file !== '-') {
    const handle = await open(file).catch((error: Error) => {
      throw new Error(`Cannot publish: ${printable(error.message)}`)
    })
    return encodedLines(addAbortSignal(io.signal, handle.createReadStream()), terms)
  }
  if (isTyped(invocation)) io.stderr.write('Each line is an event. Ctrl+D ends\n')
  // Whether it pauses depends on the day: under a key of its own the same input has to make the same batches.
  return encodedLines(paced(addAbortSignal(io.signal, io.stdin), key === undefined ? PAUSE : undefined), terms)
}
