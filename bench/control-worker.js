/**
 * The control for a room on Workers: an object that holds its readers' streams itself and writes to each. It keeps
 * nothing, waits for nobody, bounds nothing and never sleeps: a ceiling, not a product.
 */
import { DurableObject } from 'cloudflare:workers'

const encoder = new TextEncoder()

export class Control extends DurableObject {
  #writers = new Set()

  async fetch(request) {
    if (request.method === 'POST') {
      const { data } = await request.json()
      const bytes = encoder.encode(`data: ${data}\n\n`)
      for (const writer of this.#writers) writer.write(bytes).catch(() => this.#writers.delete(writer))
      return Response.json({ readers: this.#writers.size }, { status: 201 })
    }
    const { readable, writable } = new TransformStream()
    const writer = writable.getWriter()
    this.#writers.add(writer)
    writer.closed.catch(() => {}).finally(() => this.#writers.delete(writer))
    void writer.write(encoder.encode(': welcome\n\n')).catch(() => {})
    return new Response(readable, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' } })
  }
}

export default {
  fetch: (request, env) => env.ROOMS.getByName('lobby').fetch(request),
}
