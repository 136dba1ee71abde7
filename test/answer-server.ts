/** Answers as they are, over HTTP: each once for whoever asks, and 204 for who comes back. */
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AnswerCase } from './parse/answer-cases.ts'

const ELSEWHERE = '/elsewhere'
const BODY = 'retry: 1\nid: 1\ndata: a\n\n'

export class AnswerServer {
  readonly #server: Server
  readonly #answers = new Map<string, AnswerCase>()
  readonly #met = new Set<string>()
  /** By path: what each who asked there, or where it leads, said its last event ID was. */
  readonly #asked = new Map<string, string[]>()

  constructor() {
    this.#server = createServer((request, response) => {
      // On one that was used before, a browser's network asks again by itself after no answer, and after a 408.
      response.shouldKeepAlive = false
      const path = request.url ?? ''
      const name = path.replace(ELSEWHERE, '')
      const answer = this.#answers.get(name)
      const isNew = !this.#met.has(path)
      this.#met.add(path)
      this.#asked.set(name, [...this.askedFor(name), String(request.headers['last-event-id'] ?? '')])
      if (path === '/')
        response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Answers</title>')
      else if (!answer || !isNew) response.writeHead(204).end()
      else if (path === name) send(answer, path, response)
      else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(BODY)
    })
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** The path at which it is. */
  add(answer: AnswerCase): string {
    const path = `/answers/${this.#answers.size + 1}`
    this.#answers.set(path, answer)
    return path
  }

  askedFor(path: string): string[] {
    return this.#asked.get(path) ?? []
  }
}

function send({ status, contentType, isElsewhere, end }: AnswerCase, path: string, response: ServerResponse): void {
  const headers = {
    ...(contentType && { 'content-type': contentType }),
    ...(isElsewhere && { location: path + ELSEWHERE }),
  }
  if (end === 'without an answer') response.destroy()
  else if (end === 'broken') response.writeHead(status, headers).write(BODY, () => response.destroy())
  else response.writeHead(status, headers).end(isElsewhere ? '' : BODY)
}
