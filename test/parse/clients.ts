/** Our clients as readers of cases: whoever asks gets the chunks, and leaves before coming back for more. */
import { connect } from '../../src/client/connect.ts'
import { EventSource } from '../../src/client/event-source.ts'
import { someCuts } from './cuts.ts'
import { differing } from './differences.ts'
import type { ParseCase } from './parse-case.ts'
import { parseCases } from './parse-cases.ts'
import { type Showing, type Shown, showing } from './shown.ts'

/** What an `EventSource` is to be asked for: it shows only what is listened to by name. */
export const TYPES: Set<string> = new Set(['message', ...parseCases.flatMap(({ blocks }) => blocks.flatMap(namesIn))])

function namesIn(block: object): string[] {
  return 'event' in block && typeof block.event === 'string' ? [block.event, block.event.trim()] : []
}

const answering = (chunks: Uint8Array[]) => async (): Promise<Response> => {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

const url = 'http://localhost/'

async function byConnect(chunks: Uint8Array[]): Promise<Showing> {
  const connection = connect(url, {
    fetch: answering(chunks),
    onState: ({ retryAt }) => {
      if (retryAt !== undefined) void connection.close()
    },
  })
  const messages: Shown[] = []
  for await (const { event, data } of connection)
    messages.push({ type: event, data: String(data), lastEventId: connection.lastEventId })
  return { messages, lastEventId: connection.lastEventId.replaceAll(/^[ \t]+|[ \t]+$/g, '') }
}

/** The id that it would come back with is its own to know. */
const byEventSource = (chunks: Uint8Array[]): Promise<Showing> =>
  new Promise((resolve) => {
    const messages: Shown[] = []
    const source = new EventSource(url, { fetch: answering(chunks) })
    for (const type of TYPES)
      source.addEventListener(type, ({ data, lastEventId }) => void messages.push({ type, data, lastEventId }))
    source.addEventListener('error', (event) => {
      if (event instanceof MessageEvent) return
      source.close()
      resolve({ messages, lastEventId: undefined })
    })
  })

/** By name: what is wrong with what a client makes of a case. They are over one parser: where it is cut is nothing to them. */
export const clients: Record<string, (parseCase: ParseCase) => Promise<string[]>> = {
  connect: (parseCase) => differing(parseCase, byConnect, showing({ ...parseCase, retries: [] }), someCuts),
  EventSource: (parseCase) =>
    differing(parseCase, byEventSource, { ...showing(parseCase), lastEventId: undefined }, someCuts),
}
