/**
 * A server whose sources a test can watch and hold: each is known by the last part of its path. Its default export runs on
 * every runtime.
 */
import { fileStream } from '../../src/file-stream.ts'
import { html } from '../../src/html.ts'
import { htmlStream } from '../../src/html-stream.ts'
import { ndjsonStream } from '../../src/ndjson-stream.ts'
import { textStream } from '../../src/text-stream.ts'
import { MadeFile } from '../files/made-file.ts'

export interface Probed {
  /** What was taken from the source: pieces, or bytes of a file. */
  read: number
  /** Readers that have not left. */
  open: number
}

const LARGE = 48 * 1_048_576
const released = new Set<string>()
const files = new Map<string, MadeFile>()
const pieces = new Map<string, Probed>()

/** Two pieces, of which the second comes when it is released, and never to who has left. */
async function* held<T>(
  name: string,
  [first, second]: [T, T],
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const probed: Probed = { read: 1, open: 1 }
  pieces.set(name, probed)
  signal.addEventListener('abort', () => {
    probed.open = 0
  })
  yield first
  while (!released.has(name) && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5))
  probed.read++
  yield second
}

const file = (name: string, make: () => MadeFile): MadeFile => {
  const made = files.get(name) ?? make()
  files.set(name, made)
  return made
}

const answers: Record<string, (request: Request, name: string) => Response | Promise<Response>> = {
  html: (request, name) =>
    htmlStream(request, ({ signal }) => held(name, [html`<p>first</p>`, html`<p>second</p>`], signal)),
  text: (request, name) => textStream(request, ({ signal }) => held(name, ['first', 'second'], signal)),
  ndjson: (request, name) =>
    ndjsonStream(request, ({ signal }) => held(name, [{ n: 'first' }, { n: 'second' }], signal)),
  file: (request, name) =>
    fileStream(
      request,
      file(name, () => new MadeFile(20_000, { at: 10_000, how: 'is silent' })),
    ),
  large: (request, name) =>
    fileStream(
      request,
      file(name, () => new MadeFile(LARGE)),
    ),
  failing: (request, name) =>
    fileStream(
      request,
      file(name, () => new MadeFile(500_000, { at: 300_000, how: 'fails' })),
      { onError: () => {} },
    ),
  short: (request, name) =>
    fileStream(
      request,
      file(name, () => new MadeFile(500_000, { at: 300_000, how: 'ends' })),
      { onError: () => {} },
    ),
  release(_, name) {
    released.add(name)
    return new Response('released')
  },
  state(_, name) {
    const made = files.get(name)
    return Response.json(made ? { read: made.read, open: made.streams.size } : pieces.get(name))
  },
}

export default {
  async fetch(request: Request): Promise<Response> {
    const [, kind = '', name = ''] = new URL(request.url).pathname.split('/')
    return answers[kind]?.(request, name) ?? new Response('', { status: 404 })
  },
}
