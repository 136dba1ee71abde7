/** A reader that comes back after every cut with the id it read last, as `EventSource` does, and writes all of it down. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseMessages } from '../../src/parse.ts'
import type { ConnectionRecord, History } from '../checker/checker.ts'

export class ResumingReader {
  /** The id it read last. */
  position: string | undefined
  /** True while it is connected and was told that its replay is over. */
  live = false
  connections = 0
  gaps = 0
  readonly #url: string
  readonly #name: string
  readonly #history: History
  readonly #left = new AbortController()
  readonly #done: Promise<void>

  constructor(url: string, room: string, name: string, history: History) {
    this.#url = `${url}/rooms/${room}/events`
    this.#name = name
    this.#history = history
    this.#done = this.#run(room)
  }

  async leave(): Promise<void> {
    this.#left.abort()
    await this.#done
  }

  async #run(room: string): Promise<void> {
    while (!this.#left.signal.aborted) {
      const record = this.#history.connected(room, this.#name, this.position)
      const how = await this.#read(record).then(() => 'the stream ended', String)
      this.live = false
      record.disconnected(how)
      await sleep(Math.random() * 50)
    }
  }

  async #read(record: ConnectionRecord): Promise<void> {
    const headers: Record<string, string> = { accept: 'text/event-stream' }
    if (this.position !== undefined) headers['last-event-id'] = this.position
    const { status, body } = await fetch(this.#url, { headers, signal: this.#left.signal })
    if (status !== 200 || !body) throw new Error(`Answered ${status}`)
    this.connections++
    for await (const message of parseMessages(body)) {
      record.received(message)
      if (message.id !== undefined) this.position = message.id
      if (message.event === 'stream.gap') this.gaps++
      if (message.event === 'stream.live') this.live = true
    }
  }
}
