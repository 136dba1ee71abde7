// GET URL    its messages as they arrive, across cuts and across runs
import { createReadStream } from 'node:fs'
import { SseError } from 'edge-sse'
import { connect } from 'edge-sse/client'
import { type Command, EXIT, type Invocation, UsageMistake } from './command.ts'
import { dial } from './dial.ts'
import { duration } from './duration.ts'
import { type Format, lineOf } from './listen/line.ts'
import { narrator } from './listen/narrator.ts'
import { ResumeFile } from './listen/resume-file.ts'
import { write, written } from './output.ts'
import { printable } from './printable.ts'
import { explained, type Hints } from './refusal.ts'
import { headersOf, REQUEST_HELP, REQUEST_OPTIONS, urlOf } from './request-target.ts'
import { wholeText } from './whole-text.ts'

/** `check` never posts. */
const HINTS = {
  get: {
    type: 'edge-sse check with this URL says what is wrong with it',
    method: '--post sends what is to be posted',
  },
  post: {
    type: 'Models stream where "stream":true is posted',
    method: 'Without --post it is asked for with GET',
  },
} satisfies Record<string, Hints>

export const listen: Command = {
  name: 'listen',
  summary: 'print the messages of an event stream as they arrive',
  usage: 'listen URL',
  help: `A line for each message: the time, its event, its id, its data. What breaks off is dialled again, and goes on after
the last message; how the connection is doing is said on stderr. It ends when the server says that there is no more,
and with code 1 where that is because what makes the stream has failed. What was posted (--post) ends with its answer
where that has no ids, or has said [DONE], as models do.

  --data                      the data alone
  --json                      a line of JSON each: {"event", "id"?, "data"}, data as text
  --raw                       as the text of an event stream, with whatever is in it: a terminal obeys that
  --until EVENT               end after the first message of that name; stream.live is where the past of a room ends
  --max N                     end after so many messages, where \`head\` would wait for one more
  --resume FILE               keep the last id in FILE, and go on after it in the next run
  --last-event-id ID          begin after this id; with --resume only where FILE holds none yet
  --post BODY                 send BODY, and read the stream that answers; @FILE sends a file, - stdin. As JSON,
                              unless a header says otherwise
  --heartbeat TIME            the server is to say something that often, where it does not say so itself: one that
                              has been silent for 2.5 times as long is dialled again
  -q, --quiet                 nothing on stderr but errors, and that messages are missing or a token is not sent
${REQUEST_HELP}

Examples:
  edge-sse listen http://localhost:8787/sse
  edge-sse listen 'http://localhost:8787/rooms/lobby/events?from=start' --data > chat.txt
  edge-sse listen http://localhost:8787/rooms/orders/events --json --resume orders.cursor | ./handle-orders
  edge-sse listen http://localhost:8787/v1/chat/completions --data --post '{"stream":true,"messages":[{"role":"user","content":"hello"}]}'`,
  options: {
    data: { type: 'boolean' },
    json: { type: 'boolean' },
    raw: { type: 'boolean' },
    until: { type: 'string' },
    max: { type: 'string' },
    resume: { type: 'string' },
    'last-event-id': { type: 'string' },
    post: { type: 'string' },
    heartbeat: { type: 'string' },
    quiet: { type: 'boolean', short: 'q' },
    ...REQUEST_OPTIONS,
  },
  async run(invocation) {
    const { io, values, positionals } = invocation
    const url = urlOf('listen', positionals[0])
    if (positionals.length > 1) throw new UsageMistake('Cannot listen: there is more than one URL')
    const headers = headersOf('listen', url, invocation, ['last-event-id'])
    const format = formatOf(values)
    const most = values.max === undefined ? Number.POSITIVE_INFINITY : countOf(String(values.max))
    const heartbeat = values.heartbeat === undefined ? 0 : duration('heartbeat', String(values.heartbeat))
    const resume = values.resume === undefined ? undefined : new ResumeFile(String(values.resume), url)
    const body = await bodyOf(invocation)
    if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json')
    const narrate = narrator(io, values.quiet === true)
    const connection = connect(url, {
      headers,
      heartbeat,
      signal: io.signal,
      async fetch(request) {
        const response = await dial(request)
        isOver = response.status === 204
        return response
      },
      lastEventId: resume?.lastEventId ?? String(values['last-event-id'] ?? ''),
      onState(state) {
        if (state.retryAt !== undefined && isDone) void connection.close()
        else narrate.state(state, connection.lastEventId)
      },
      ...(body !== undefined && { body }),
    })
    let printed = 0
    let failure: unknown
    // What a model says last. To come back after it would be to ask again, where the server does not know who comes.
    let isDone = false
    // The server says that there is no more.
    let isOver = false
    try {
      for await (const { event, id, data } of connection) {
        const message = { event, id, data: typeof data === 'string' ? data : JSON.stringify(data) }
        const isOwn = typeof data !== 'string'
        isOver = event === 'stream.end'
        // What the server says of the stream is no message to a person; a program that reads it all gets it all.
        if (isOwn) await narrate.own(message)
        const out = resume ? written : write
        if (!isOwn || values.json || values.raw) await out(io.stdout, lineOf(message, format, io))
        // After it has left: whoever is killed between the two sees a message again, and never too few.
        resume?.reached(connection.lastEventId)
        if (!isOwn) {
          printed++
          isDone = body !== undefined && event === 'message' && data === '[DONE]'
        }
        if (printed >= most || event === values.until) return EXIT.fine
        // Of a run that others follow it is no end.
        if (!isOwn) failure = undefined
        else if (event === 'stream.error') failure = data
      }
      if (failure) throw new Error(`Cannot listen: the stream failed: ${Object(failure).message}`)
    } catch (error) {
      // Nothing is missing.
      if (!(isDone && error instanceof SseError && error.code === 'connection-lost'))
        throw explained(error, body === undefined ? HINTS.get : HINTS.post)
    } finally {
      resume?.close()
    }
    if (!io.signal.aborted) await narrate.ended(isOver)
    return EXIT.fine
  },
}

function formatOf({ data, json, raw }: Invocation['values']): Format {
  const chosen = Object.entries({ data, json, raw }).flatMap(([name, isChosen]) => (isChosen ? [name as Format] : []))
  if (chosen.length > 1) throw new UsageMistake(`Cannot listen: --${chosen.join(' and --')} exclude each other`)
  return chosen[0] ?? 'line'
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new UsageMistake(`Cannot listen: --max ${printable(text, { atMost: 80 })} is no count`)
}

/** What `--post` says, or the file or the input that it names. */
async function bodyOf({ values: { post }, io }: Invocation): Promise<string | undefined> {
  if (typeof post !== 'string') return undefined
  if (post === '-') return wholeText('listen', io.stdin, io.signal)
  if (!post.startsWith('@')) return post
  return wholeText('listen', createReadStream(post.slice(1)), io.signal)
}
