/** A reader that can stop taking bytes, take them one by one, and go on; it writes down what came and keeps none of it. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseMessages } from '../../src/parse.ts'
import type { ConnectionRecord, History } from '../checker/checker.ts'

export class StallableReader {
  /** The id it read last. */
  position: string | undefined
  /** Events of the room. */
  events = 0
  /** Reasons of the gaps it was told of. */
  readonly gaps: string[] = []
  /** How the stream ended, if it has. */
  ended: string | undefined
  /** Called with the data of each event of the room. */
  onEvent: (data: string) => void = () => {}
  readonly #response: IncomingMessage
  readonly #record: ConnectionRecord
  /** Milliseconds between one byte and the next; 0 for as many as come. */
  #pause = 0
  #awake = Promise.resolve()
  #wake = (): void => {}

  private constructor(response: IncomingMessage, record: ConnectionRecord) {
    this.#response = response
    this.#record = record
    void this.#read()
  }

  /** Resolves when the response has begun. */
  static async open(
    url: string,
    room: string,
    name: string,
    history: History,
    more: Record<string, string> = {},
  ): Promise<StallableReader> {
    const record = history.connected(room, name)
    const headers = { ...more, accept: 'text/event-stream' }
    const [response]: IncomingMessage[] = await once(
      get(`${url}/rooms/${room}/events`, { agent: false, headers }),
      'response',
    )
    if (response?.statusCode !== 200) throw new Error(`Cannot read room: answered ${response?.statusCode}`)
    return new StallableReader(response, record)
  }

  /** Takes no more: its own small buffer fills, then the kernel's, then the server's. */
  stall(): void {
    this.#awake = new Promise((wake) => {
      this.#wake = wake
    })
  }

  /** From now on it takes one byte in so many milliseconds. */
  drip(pause: number): void {
    this.#pause = pause
  }

  wake(): void {
    this.#pause = 0
    this.#wake()
  }

  leave(): void {
    this.wake()
    this.#response.destroy()
  }

  async #read(): Promise<void> {
    try {
      for await (const message of parseMessages(this.#chunks())) {
        this.#record.received(message)
        if (message.id !== undefined) this.position = message.id
        if (message.event === 'stream.gap') this.gaps.push(JSON.parse(message.data).reason)
        if (message.event?.startsWith('stream.')) continue
        this.events++
        this.onEvent(message.data)
      }
      this.ended = 'well'
    } catch (error) {
      this.ended = String(error)
    }
    this.#record.disconnected(this.ended)
  }

  /** Node stops reading from the socket while nobody takes the next chunk. */
  async *#chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of this.#response as AsyncIterable<Buffer>) {
      let taken = 0
      for (; this.#pause > 0 && taken < chunk.length; taken++) {
        yield chunk.subarray(taken, taken + 1)
        await sleep(this.#pause)
      }
      await this.#awake
      yield chunk.subarray(taken)
    }
  }
}
