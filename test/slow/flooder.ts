/** A publisher that sends the next message as soon as it has an answer, whatever that says; it writes all of it down. */
import type { Published } from '../../src/rooms/room.ts'
import type { History } from '../checker/checker.ts'

/** What was taken: its place in the log, and the text that readers get. */
export interface Taken {
  seq: number
  text: string
}

export class Flooder {
  readonly taken: Taken[] = []
  /** How often it was refused, by why. */
  readonly refusals: Map<string, number> = new Map()
  readonly #url: string
  readonly #room: string
  readonly #name: string
  readonly #history: History
  readonly #headers: Record<string, string>
  #stopping = false
  #done = Promise.resolve()

  constructor(url: string, room: string, name: string, history: History, headers: Record<string, string>) {
    this.#url = `${url}/rooms/${room}/events`
    this.#room = room
    this.#name = name
    this.#history = history
    this.#headers = headers
  }

  get refused(): number {
    return [...this.refusals.values()].reduce((sum, count) => sum + count, 0)
  }

  start(): void {
    this.#done = this.#run()
    this.#done.catch(() => {}) // Whoever stops it is told.
  }

  /** Resolves when what is under way is answered. Rejects when an answer was neither 201 nor 429 with a time to wait. */
  stop(): Promise<void> {
    this.#stopping = true
    return this.#done
  }

  async #run(): Promise<void> {
    for (let n = 1; !this.#stopping; n++) await this.#send({ by: this.#name, n })
  }

  async #send(data: { by: string; n: number }): Promise<void> {
    const record = this.#history.sent({ room: this.#room, publisher: this.#name, messages: [{ data }] })
    const headers = { ...this.#headers, 'content-type': 'application/json' }
    const response = await fetch(this.#url, { method: 'POST', headers, body: JSON.stringify({ data }) })
    const answer: unknown = await response.json()
    if (response.status === 201) {
      const { id } = answer as Published
      record.acknowledged([id])
      this.taken.push({ seq: Number.parseInt(id, 10), text: JSON.stringify(data) })
      return
    }
    record.failed(response.status)
    const after = response.headers.get('retry-after')
    if (response.status !== 429 || !/^[1-9]\d*$/.test(after ?? ''))
      throw new Error(`Answered ${response.status}, Retry-After: ${after}, ${JSON.stringify(answer)}`)
    const { detail } = answer as { detail: string }
    this.refusals.set(detail, (this.refusals.get(detail) ?? 0) + 1)
  }
}
