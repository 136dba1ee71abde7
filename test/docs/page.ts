/** A page of docs whose blocks are programs: found by their heading, served on Node over a real socket. */
import { serve as listen } from 'srvx/node'
import { onTestFinished } from 'vitest'
import { type Example, writeExamples } from '../examples.ts'

export interface Program {
  default: { fetch(request: Request): Response | Promise<Response> }
}

export class Page {
  readonly examples: Example[]

  /** `folder` is for its blocks, and for one test file alone. */
  constructor(source: string, folder: string) {
    this.examples = writeExamples(`test/output/docs/${folder}`, [source])
  }

  /** What the block under that heading exports. */
  async block<Exports = Program>(heading: string): Promise<Exports> {
    const [example, ...others] = this.examples.filter((each) => each.heading === heading)
    if (!example || others.length > 0) throw new Error(`There is not one block under "${heading}"`)
    return import(example.file)
  }

  /** The block under that heading, served until the test has finished. */
  async serve(heading: string): Promise<Served> {
    return serve((await this.block(heading)).default.fetch)
  }
}

export interface Served {
  url: string
  port: number
  /** What was asked, in order. */
  requests: Request[]
}

/** Serves until the test has finished. */
export async function serve(
  fetch: Program['default']['fetch'],
  options: Partial<Parameters<typeof listen>[0]> = {},
): Promise<Served> {
  const requests: Request[] = []
  const server = listen({
    hostname: '127.0.0.1',
    port: 0,
    silent: true,
    gracefulShutdown: false,
    ...options,
    fetch: (request) => {
      requests.push(request)
      return fetch(request)
    },
  })
  await server.ready()
  onTestFinished(() => server.close(true))
  const { port, origin } = new URL(server.url ?? '')
  return { url: origin, port: Number(port), requests }
}
