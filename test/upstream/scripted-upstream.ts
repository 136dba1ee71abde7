/**
 * A model's server that does exactly what a test has scripted, over bare sockets in the process of the test: it answers as
 * OpenAI does (https://platform.openai.com/docs/api-reference/chat), or fails in any way that a server can. Which script it
 * plays is said by the `model` of the request.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { readIncoming } from './incoming.ts'
import { failed, type Script } from './script.ts'
import { type Closed, UpstreamCall } from './upstream-call.ts'
import { within } from './within.ts'

export class ScriptedUpstream {
  /** What a provider's `baseUrl` is. */
  readonly baseUrl: string
  readonly port: number
  /** All calls, in the order they came. */
  readonly calls: UpstreamCall[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #scripts = new Map<string, Script>()
  readonly #waiting = new Set<() => void>()
  #connections = 0

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    this.baseUrl = `http://127.0.0.1:${this.port}/v1`
    server.on('connection', (socket) => void this.#answer(socket))
  }

  static async start(): Promise<ScriptedUpstream> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new ScriptedUpstream(server)
  }

  /** Connections that were ever made, also those that asked for nothing. */
  get connections(): number {
    return this.#connections
  }

  /** What becomes of each call of `model` from now on. */
  play(model: string, script: Script): void {
    this.#scripts.set(model, script)
  }

  callsOf(model: string): UpstreamCall[] {
    return this.calls.filter(({ body }) => body.model === model)
  }

  /** The call of a model, once it came. */
  async called(model: string, count = 1): Promise<UpstreamCall> {
    const come = async (): Promise<UpstreamCall> => {
      for (;;) {
        const call = this.callsOf(model)[count - 1]
        if (call) return call
        await new Promise<void>((resolve) => this.#waiting.add(resolve))
      }
    }
    return await within(come(), `call ${count} of ${model}`)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(socket: Socket): Promise<void> {
    this.#connections++
    this.#sockets.add(socket)
    const closed = closing(socket)
    void closed.then(() => this.#sockets.delete(socket))
    const incoming = await readIncoming(socket)
    if (!incoming) return
    const call = new UpstreamCall(socket, incoming, closed)
    this.calls.push(call)
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
    const script = this.#scripts.get(String(call.body.model)) ?? failed(404, 'There is no such model')
    for (const step of script) await step.play(call)
  }
}

/** How the other side closes it. This side then closes its own. */
function closing(socket: Socket): Promise<Closed> {
  return new Promise((resolve) => {
    socket.on('end', () => {
      resolve('fin')
      socket.destroy()
    })
    socket.on('error', () => resolve('reset'))
    socket.on('close', () => resolve('reset'))
  })
}
