/** What a model's server does with a call, step by step. */
import { setImmediate } from 'node:timers/promises'
import type { UpstreamCall } from './upstream-call.ts'

export interface Step {
  play(call: UpstreamCall): void | Promise<void>
  /** What it adds to the text of the answer, chunk by chunk. */
  texts?: string[]
}

export type Script = Step[]

/** The whole text that a script says. */
export const textOf = (script: Script): string => partsOf(script).join('')

/** What it says, one chunk each. */
export const partsOf = (script: Script): string[] => script.flatMap(({ texts = [] }) => texts)

/** A chunk of an answer: https://platform.openai.com/docs/api-reference/chat-streaming */
export const chunkOf = (delta: object, finish_reason: string | null = null): object => ({
  id: 'chatcmpl-scripted',
  object: 'chat.completion.chunk',
  created: 1_795_000_000,
  model: 'scripted',
  choices: [{ index: 0, delta, finish_reason }],
})

export const blockOf = (data: unknown): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`

/** The head of a response. The body that follows is sent in HTTP chunks, and the connection is not used again. */
export const head = (status: number, headers: Record<string, string> = {}): Step => ({
  play: (call) => call.head(status, { connection: 'close', ...headers }),
})

/** The head of an event stream. */
export const stream = (headers: Record<string, string> = {}): Step =>
  head(200, { 'content-type': 'text/event-stream; charset=utf-8', ...headers })

/** Any bytes of the body, in one write; `texts` are what they begin to say. */
export const raw = (bytes: string | Uint8Array, ...texts: string[]): Step => ({
  play: (call) => call.write(Buffer.from(bytes)),
  texts,
})

/** The same, each byte in a write of its own; several may be read at once. */
export const byteByByte = (bytes: string, ...texts: string[]): Step => ({
  async play(call) {
    for (const byte of Buffer.from(bytes)) {
      await call.write(Buffer.of(byte))
      await setImmediate()
    }
  },
  texts,
})

/** A chunk that says `text`. */
export const said = (text: string): Step => raw(blockOf(chunkOf({ content: text })), text)

/** The last chunk, and what says that all is said. */
export const finished = (): Step => raw(blockOf(chunkOf({}, 'stop')))
export const done = (): Step => raw(blockOf('[DONE]'))

/** Waits until the test says `call.release()`. */
export const hold = (): Step => ({ play: (call) => call.held() })

/** Says nothing more, and keeps the connection. */
export const stall = (): Step => ({ play: (call) => call.gone() })

/** The end of the body, and FIN. */
export const fin = (): Step => ({ play: (call) => call.end() })

/** FIN in the middle of the body. */
export const brokenOff = (): Step => ({ play: (call) => call.breakOff() })

/** RST. What the other side has not read by then may be lost. */
export const reset = (): Step => ({ play: (call) => call.reset() })

/** The same bytes again and again, as they are taken, until nobody is there. */
export const endless = (bytes: string): Step => ({
  async play(call) {
    while (call.isOpen) await Promise.all([call.write(Buffer.from(bytes)), setImmediate()])
  },
})

/** A line that begins with `beginning` and never ends. */
export const endlessLine = (beginning: string): Script => [raw(beginning), endless('x'.repeat(65_536))]

/** Says the same each time `pause` milliseconds have passed, until nobody is there. */
export const endlessTalk = (content: string, pause: number): Step => ({
  async play(call) {
    for (; call.isOpen; await new Promise((resolve) => setTimeout(resolve, pause)))
      await call.write(Buffer.from(blockOf(chunkOf({ content }))))
  },
})

/** An error as OpenAI answers it, whole. */
export const failed = (status: number, message: string, headers: Record<string, string> = {}): Script => [
  head(status, { 'content-type': 'application/json', ...headers }),
  raw(JSON.stringify({ error: { message, type: 'error', code: null, param: null } })),
  fin(),
]

/** A whole answer, each part in a chunk. */
export const answer = (...parts: string[]): Script => [stream(), ...parts.map(said), finished(), done(), fin()]
