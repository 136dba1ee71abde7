/** The app with a scripted model's server behind it, for tests of what is between the two. */
import { freePort } from '../serve-process.ts'
import type { Script } from '../upstream/script.ts'
import { ScriptedUpstream } from '../upstream/scripted-upstream.ts'
import { AnswerReader } from './answer-reader.ts'
import { EventReader } from './event-reader.ts'
import { launch, type Server } from './launch.ts'
import { exchange, type RawResponse, RawSocket, request } from './raw-socket.ts'

/** The provider's key: nobody but the provider may ever see it. */
export const KEY = 'sk-provider-canary-9b1'

/** Milliseconds that nothing here takes, however slow the machine. */
const NEVER = 120_000
/** What is silent is waited for; `status`: for how long a response waits for the first piece, so that what fails has a status. */
const patient = { firstByte: NEVER, silence: NEVER, total: NEVER, status: 1 }
const TIMEOUTS = {
  patient,
  /** Its failures have a status. */
  strict: { ...patient, status: NEVER },
  /** Wants to hear something soon, and bears any silence after it. */
  hasty: { ...patient, firstByte: 1_500 },
  /** The other way round. */
  restless: { ...patient, silence: 1_500 },
  brief: { ...patient, total: 1_500 },
}
export type Provider = keyof typeof TIMEOUTS

/** Models of each provider. */
const MODELS = 100

/** A model of a provider where nobody listens. */
export const NOBODY = 'nobody'

export interface Question {
  /** Defaults to `POST /v1/chat/completions`. */
  path?: string
  headers?: Record<string, string>
  /** What the body says besides, or instead. */
  body?: Record<string, unknown>
  lastEventId?: string | undefined
}

export class RelayBench {
  readonly upstream: ScriptedUpstream
  readonly server: Server
  /** What lets in. */
  readonly #headers: Record<string, string>
  readonly #taken: Record<Provider, number> = { patient: 0, strict: 0, hasty: 0, restless: 0, brief: 0 }

  private constructor(upstream: ScriptedUpstream, server: Server, headers: Record<string, string>) {
    this.upstream = upstream
    this.server = server
    this.#headers = headers
  }

  /** Open to everyone unless `vars` say otherwise; then `headers` let in. */
  static async launch(
    vars: Record<string, string> = { EDGE_SSE_ACCESS: 'open' },
    headers: Record<string, string> = {},
  ): Promise<RelayBench> {
    const upstream = await ScriptedUpstream.start()
    const server = await launch({ ...(await relayVars(upstream)), ...vars })
    return new RelayBench(upstream, server, headers)
  }

  async close(): Promise<void> {
    await this.server.close()
    await this.upstream.close()
  }

  /** The name of a model that no other test has, and that plays this. */
  model(script: Script, provider: Provider = 'patient'): string {
    const model = `${provider}-${++this.#taken[provider]}`
    if (this.#taken[provider] > MODELS) throw new Error(`Cannot name a model: there are ${MODELS} of ${provider}`)
    this.upstream.play(model, script)
    return model
  }

  /** A request for an answer, as bytes. */
  question(
    model: string,
    { path = '/v1/chat/completions', headers = {}, body, lastEventId }: Question = {},
  ): Uint8Array {
    const asked = { model, messages: [{ role: 'user', content: 'Say something' }], stream: true, ...body }
    const all = {
      'Content-Type': 'application/json',
      ...this.#headers,
      ...headers,
      ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }),
    }
    return request('POST', path, all, JSON.stringify(asked))
  }

  /** Asks; resolves with the head of the answer. */
  ask(model: string, question: Question = {}): Promise<AnswerReader> {
    return AnswerReader.ask(this.server.port, this.question(model, question))
  }

  /** Asks, and waits for nothing. */
  async send(model: string, question: Question = {}): Promise<RawSocket> {
    const socket = await RawSocket.open(this.server.port)
    socket.write(this.question(model, question))
    return socket
  }

  /** The room of an answer. */
  watch(answer: string, lastEventId?: string, headers: Record<string, string> = {}): Promise<EventReader> {
    const cursor = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }
    return EventReader.open(this.server.port, `/chat/${answer}/events`, { ...this.#headers, ...headers, ...cursor })
  }

  stop(answer: string, headers: Record<string, string> = {}): Promise<RawResponse> {
    return exchange(this.server.port, request('DELETE', `/chat/${answer}`, { ...this.#headers, ...headers }))
  }
}

/** What the environment says of the models. */
export async function relayVars({ baseUrl }: { baseUrl: string }): Promise<Record<string, string>> {
  const providers: Record<string, object> = {
    nowhere: { baseUrl: `http://127.0.0.1:${await freePort()}/v1`, models: [NOBODY], timeouts: TIMEOUTS.strict },
  }
  for (const [name, timeouts] of Object.entries(TIMEOUTS)) {
    const models = Array.from({ length: MODELS }, (_, index) => `${name}-${index + 1}`)
    providers[name] = { baseUrl, apiKeySecret: 'UPSTREAM_KEY', models, timeouts }
  }
  return { LLM_PROVIDERS: JSON.stringify(providers), UPSTREAM_KEY: KEY, EDGE_SSE_MAX_ROOMS_PER_SUBJECT: '100000' }
}
