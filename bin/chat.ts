// POST URL    a conversation with a model, its answers as they are made
import { createInterface } from 'node:readline'
import { canAsk } from './ask.ts'
import { answerOf, type Exchange, type Turn } from './chat/answer.ts'
import { answerPrinter } from './chat/answer-printer.ts'
import { colour } from './colour.ts'
import { type Command, EXIT, type Invocation, UsageMistake } from './command.ts'
import { duration, spoken } from './duration.ts'
import { printable } from './printable.ts'
import { explained, type Hints } from './refusal.ts'
import { headersOf, REQUEST_HELP, REQUEST_OPTIONS, urlOf } from './request-target.ts'
import { wholeText } from './whole-text.ts'

const UNANSWERED = 'There is no answer: the question is not part of the conversation'

const HINTS: Hints = {
  type: 'chat needs a server that streams its answers',
  method: 'The URL is that of chat completions, which often ends in /v1/chat/completions',
}

export const chat: Command = {
  name: 'chat',
  summary: 'talk with a model, and read its answers as they are made',
  usage: 'chat URL',
  help: `URL is that of chat completions, such as http://localhost:8787/v1/chat/completions; of a server alone, or its
/v1, that path is meant. The model is told all that was said in this session, but for questions that had no answer.
Ctrl+C stops an answer; once more, or exit, leaves.

  --model NAME                which model. Defaults to that which the server chooses
  --system TEXT               what the model is told before all else
  --once TEXT                 ask this, print the answer, end; - takes the question from stdin
  --retry-for TIME            how long a server that cannot be reached, or is busy, is asked again (30s)
${REQUEST_HELP}

Examples:
  edge-sse chat http://localhost:8787
  edge-sse chat http://localhost:8787 --once 'What is an event stream?' > answer.txt
  EDGE_SSE_TOKEN=… edge-sse chat https://api.example.com/v1/chat/completions --model large`,
  options: {
    model: { type: 'string' },
    system: { type: 'string' },
    once: { type: 'string' },
    'retry-for': { type: 'string' },
    ...REQUEST_OPTIONS,
  },
  async run(invocation) {
    const { io, values, positionals } = invocation
    const url = urlOf('chat', positionals[0])
    if (positionals.length > 1) throw new UsageMistake('Cannot chat: there is more than one URL. A question is --once')
    if (/^\/(v1\/?)?$/.test(url.pathname)) url.pathname = '/v1/chat/completions'
    const model = values.model === undefined ? undefined : String(values.model)
    const exchange: Exchange = {
      url,
      headers: headersOf('chat', url, invocation, ['content-type', 'idempotency-key']),
      model,
      patience: duration('retry-for', String(values['retry-for'] ?? '30s')),
      onRetry(why, delay) {
        const text = `${printable(why, { atMost: 1_000 })}; again in ${spoken(delay)}`
        io.stderr.write(`${colour(io, io.stderr, 'yellow', text)}\n`)
      },
    }
    const turns: Turn[] = typeof values.system === 'string' ? [{ role: 'system', content: values.system }] : []
    if (typeof values.once !== 'string') return converse(io, exchange, turns)
    const question = values.once === '-' ? await wholeText('chat', io.stdin, io.signal) : values.once
    if (!question.trim()) throw new UsageMistake('Cannot chat: the question is empty')
    await answer(io, exchange, [...turns, { role: 'user', content: question }], io.signal)
    return EXIT.fine
  },
}

/** Prints the answer as it comes, and gives all of it. Throws when it has failed. */
async function answer(io: Invocation['io'], exchange: Exchange, turns: Turn[], signal: AbortSignal): Promise<string> {
  const print = answerPrinter(io)
  try {
    for await (const piece of answerOf(exchange, turns, signal)) await print.add(piece)
    return print.text
  } catch (error) {
    throw explained(error, HINTS)
  } finally {
    print.end(signal.aborted)
  }
}

async function converse(io: Invocation['io'], exchange: Exchange, turns: Turn[]): Promise<number> {
  const isPerson = io.stdin.isTTY === true
  // Into a file go no prompts, which are made of escapes; the terminal then shows by itself what is typed.
  const isPrompted = canAsk(io)
  // The keys of a terminal come here, Ctrl+C too, and not to the process.
  const lines = createInterface({
    input: io.stdin,
    ...(isPrompted && { output: io.stderr, terminal: true, prompt: '> ' }),
  })
  let stopping: AbortController | undefined
  let code: number = EXIT.fine
  lines.on('SIGINT', () => {
    if (stopping && !stopping.signal.aborted) return stopping.abort()
    code = EXIT.interrupted
    lines.close()
  })
  io.signal.addEventListener('abort', () => lines.close())
  if (isPrompted) io.stderr.write(colour(io, io.stderr, 'dim', 'Ctrl+C stops an answer, exit leaves\n'))
  const prompt = (): void => {
    if (isPrompted && code === EXIT.fine) lines.prompt()
  }
  prompt()
  for await (const line of lines) {
    const question = line.trim()
    if (question === 'exit') break
    if (question) {
      stopping = new AbortController()
      const asked: Turn[] = [...turns, { role: 'user', content: question }]
      try {
        const content = await answer(io, exchange, asked, AbortSignal.any([io.signal, stopping.signal]))
        // Models refuse a turn without text, and many two of a person in a row: the question goes, too, and can be asked
        // again. What was stopped halfway stays: both have seen it.
        if (content.trim()) turns = [...asked, { role: 'assistant', content }]
        else if (!io.signal.aborted) io.stderr.write(`${colour(io, io.stderr, 'dim', UNANSWERED)}\n`)
      } catch (error) {
        if (!isPerson || io.signal.aborted) throw error
        // What was not answered is not part of the conversation: it can be asked again.
        io.stderr.write(`${colour(io, io.stderr, 'red', printable((error as Error).message, { atMost: 1_000 }))}\n`)
      }
      stopping = undefined
    }
    prompt()
  }
  lines.close()
  if (isPrompted) io.stderr.write('\n')
  return code
}
