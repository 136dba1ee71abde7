// POST /events, /writer, /text, /ndjson    one piece for each chunk of the request's body: the test decides when
// GET /idle, /busy, /finite                a source that waits, one that never pauses, one that ends
// GET /awkward, /numbers                   messages that readers get wrong, and 1 to 200 for readers that are cut
// POST /v1/chat/completions                a model's answer, as the openai package asks for it
// Handlers whose sources say on the console when they were asked and how they ended, so that it can be seen from outside.
// It is run as any copied handler is: its default export is a whole program.
import {
  EventStreamWriter,
  eventStream,
  getLastEventId,
  ndjsonStream,
  type Standalone,
  standalone,
  textStream,
} from '../../src/index.ts'
import { AWKWARD } from './awkward.ts'
import { CHUNKS, FAILURE } from './completion.ts'

/** What this request is called on the console. */
const nameOf = (request: Request): string => new URL(request.url).searchParams.get('name') ?? ''

/** Each chunk of the body as text. */
async function* chunks(request: Request): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const reader = request.body?.getReader()
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read())
    yield decoder.decode(next.value, { stream: true })
}

/** Says `ended <name>` when it has run its `finally`, however it came to that. */
async function* told<T>(request: Request, items: (name: string) => AsyncIterable<T>): AsyncGenerator<T> {
  const name = nameOf(request)
  try {
    yield* items(name)
  } finally {
    console.log(`ended ${name}`)
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

const routes: Record<string, (request: Request) => Response | Promise<Response>> = {
  '/events': (request) =>
    eventStream(request, () =>
      told(request, async function* () {
        for await (const data of chunks(request)) yield { data }
      }),
    ),
  '/writer': (request) => {
    const stream = new EventStreamWriter(request)
    return stream.run(async () => {
      for await (const data of chunks(request)) if (!(await stream.send({ data }))) return
    })
  },
  '/text': (request) => textStream(request, () => told(request, () => chunks(request))),
  '/ndjson': (request) => ndjsonStream(request, () => told(request, () => chunks(request))),
  '/idle': (request) =>
    eventStream(
      request,
      ({ signal }) =>
        told(request, async function* () {
          yield { data: 'open' }
          await aborted(signal)
        }),
      { heartbeat: Number(new URL(request.url).searchParams.get('heartbeat') ?? 200) },
    ),
  '/busy': (request) =>
    eventStream(request, () =>
      told(request, async function* (name) {
        for (let n = 1; ; n++) {
          if (n % 1_000 === 0) console.log(`asked ${name} ${n}`)
          yield { data: 'x'.repeat(1_000) }
          await new Promise((resolve) => setTimeout(resolve, 0)) // Leaves the others a turn.
        }
      }),
    ),
  '/finite': (request) => {
    console.log(`asked ${nameOf(request)} after ${getLastEventId(request)}`)
    return eventStream(
      request,
      () =>
        told(request, async function* () {
          for (let n = 1; n <= 3; n++) yield { id: String(n), data: { n } }
        }),
      { retry: 50 },
    )
  },
  '/awkward': (request) => {
    const stream = new EventStreamWriter(request)
    return stream.run(async () => {
      for (const { comment, send } of AWKWARD) {
        if (comment !== undefined) await stream.comment(comment)
        await stream.send(send)
      }
    })
  },
  '/numbers': (request) =>
    eventStream(
      request,
      async function* ({ lastEventId }) {
        for (let n = Number(lastEventId) + 1; n <= 200; n++) yield { id: String(n), data: n }
      },
      { retry: 20 },
    ),
  '/v1/chat/completions': async (request) => {
    const { model } = (await request.json()) as { model: string }
    const stream = new EventStreamWriter(request, { end: false })
    return stream.run(async () => {
      for (const chunk of CHUNKS) {
        await stream.comment('still thinking')
        await stream.send({ data: chunk, retry: 1_000 })
        if (model === 'failing') return void (await stream.send({ data: FAILURE }))
      }
      await stream.send({ data: '[DONE]' })
    })
  },
}

const server: Standalone = standalone((request) => {
  const { pathname } = new URL(request.url)
  return routes[pathname]?.(request) ?? new Response(null, { status: 404 })
})
export default server
