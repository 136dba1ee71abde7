/**
 * A reader of an answer as OpenAI streams it, over a bare socket. It is strict: what is no `retry`, or block of one `data` and
 * one `id`, in that form and no other, is noted as a violation, and so is a comment that is no block of its own.
 */
import { within } from '../upstream/within.ts'
import { type Cut, type Head, RawSocket } from './raw-socket.ts'

export interface AnswerBlock {
  id: string | undefined
  data: string
}

export interface AnswerError {
  message: string
  type: string
  code: string
  param: null
}

/** What a chunk of an answer says, or what is in its place. */
interface Chunk {
  choices?: { delta?: { content?: string } }[]
  error?: AnswerError
}

export const contentOf = (data: string): string => (JSON.parse(data) as Chunk).choices?.[0]?.delta?.content ?? ''

export class AnswerReader {
  readonly head: Head
  /** The body, to the letter. */
  body = ''
  /** The chunks of the answer, in order: neither its end nor an error. */
  readonly chunks: AnswerBlock[] = []
  /** What the chunks say. */
  said = ''
  isDone = false
  readonly errors: AnswerError[] = []
  readonly violations: string[] = []
  /** The last id of the stream, of a block without data too. */
  lastId: string | undefined
  comments = 0
  /** How the body ended, once it has. */
  ended: 'well' | 'broken off' | undefined
  readonly #socket: RawSocket
  #rest = ''
  #wake = (): void => {}

  private constructor(socket: RawSocket, head: Head) {
    this.#socket = socket
    this.head = head
    void this.#read()
  }

  /** Sends the request; resolves with the head of the response. */
  static async ask(port: number, bytes: Uint8Array): Promise<AnswerReader> {
    const socket = await RawSocket.open(port)
    socket.write(bytes)
    return new AnswerReader(socket, await socket.head())
  }

  /** The name of the answer. */
  get answer(): string {
    return this.head.headers.get('edge-sse-stream') ?? ''
  }

  get isStream(): boolean {
    return this.head.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  }

  /** Resolves as soon as `condition` holds. A beat is nothing new. */
  async until(what: string, condition: () => boolean): Promise<void> {
    const come = async (): Promise<void> => {
      while (!condition() && !this.ended) await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    const last = (): string => JSON.stringify(this.body.slice(-500))
    await within(come(), what).catch((cause) => Promise.reject(new Error(`${cause.message}, after ${last()}`)))
    if (!condition()) throw new Error(`Cannot wait for ${what}: the body ended ${this.ended}, with ${last()}`)
  }

  untilSaid(text: string): Promise<void> {
    return this.until(JSON.stringify(text), () => this.said.includes(text))
  }

  /** Resolves when it can be resumed. */
  untilNamed(): Promise<void> {
    return this.until('an id', () => this.lastId !== undefined)
  }

  untilEnd(): Promise<void> {
    return this.until('the end', () => this.ended !== undefined)
  }

  cut(how: Cut): void {
    this.#socket.cut(how)
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder('utf-8', { fatal: true })
    try {
      for await (const bytes of this.#socket.body(this.head)) this.#take(decoder.decode(bytes, { stream: true }))
      this.#take(decoder.decode())
      this.ended = 'well'
    } catch {
      this.ended = 'broken off'
    }
    if (this.isStream && this.ended === 'well' && this.#rest !== '') this.violations.push(`a rest: ${this.#rest}`)
    this.#wake()
  }

  #take(text: string): void {
    this.body += text
    if (this.isStream) {
      const blocks = (this.#rest + text).split('\n\n')
      this.#rest = blocks.pop() ?? ''
      for (const block of blocks) this.#dispatch(block.split('\n'))
    }
    this.#wake()
  }

  #dispatch(lines: string[]): void {
    const fields = new Map<string, string>()
    for (const line of lines) {
      const [, name = '', value = ''] = /^(data|id|retry): (.*)$/s.exec(line) ?? []
      if (line.startsWith(':') && lines.length === 1) this.comments++
      else if (name === '' || fields.has(name)) this.violations.push(line)
      else fields.set(name, value)
    }
    const id = fields.get('id')
    const data = fields.get('data')
    if (id !== undefined && !id.startsWith(`${this.answer}~`)) this.violations.push(`an id of another answer: ${id}`)
    if (id !== undefined) this.lastId = id
    if (data === undefined) return
    if (this.isDone || this.errors.length > 0) this.violations.push(`after the end: ${data}`)
    if (data === '[DONE]') this.isDone = true
    else this.#takeChunk({ id, data })
  }

  #takeChunk(block: AnswerBlock): void {
    try {
      const { error, choices } = JSON.parse(block.data) as Chunk
      if (error) return void this.errors.push(error)
      if (!Array.isArray(choices)) this.violations.push(`no chunk: ${block.data}`)
      this.said += choices?.[0]?.delta?.content ?? ''
      this.chunks.push(block)
    } catch {
      this.violations.push(`no JSON: ${block.data}`)
    }
  }
}
