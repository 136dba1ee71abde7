/** A publisher that tries each of its events, under one key, until it is acknowledged, and writes all of it down. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Published } from '../../src/rooms/room.ts'
import type { History } from '../checker/checker.ts'

export class StubbornPublisher {
  acknowledged = 0
  /** Attempts that were not acknowledged. */
  failed = 0
  /** Attempts that found what an earlier one had published without living to tell. */
  duplicates = 0
  readonly #url: string
  readonly #room: string
  readonly #name: string
  readonly #history: History
  readonly #pause: number
  #stopping = false
  #givingUp = false
  #done = Promise.resolve()
  #count = 0

  /** `pause`: milliseconds between two events, at most. */
  constructor(url: string, room: string, name: string, history: History, pause = 10) {
    this.#pause = pause
    this.#url = url
    this.#room = room
    this.#name = name
    this.#history = history
  }

  start(): void {
    this.#stopping = false
    this.#done = this.#run()
  }

  /** Resolves when the event that is under way is acknowledged. */
  stop(): Promise<void> {
    this.#stopping = true
    return this.#done
  }

  /** Resolves when the attempt that is under way is over. */
  giveUp(): Promise<void> {
    this.#givingUp = true
    return this.stop()
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const key = `${this.#name}-${++this.#count}`
      while (!(await this.#try(key)) && !this.#givingUp) await sleep(Math.random() * 20)
      await sleep(Math.random() * this.#pause)
    }
  }

  async #try(key: string): Promise<boolean> {
    const data = { key }
    const record = this.#history.sent({ room: this.#room, publisher: this.#name, key, messages: [{ data }] })
    try {
      const response = await fetch(`${this.#url}/rooms/${this.#room}/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ data }),
      })
      if (!response.ok) throw new Error(`Answered ${response.status} ${await response.text()}`)
      const { id, duplicate }: Published = await response.json()
      record.acknowledged([id], duplicate)
      this.acknowledged++
      if (duplicate) this.duplicates++
      return true
    } catch (error) {
      record.failed(error)
      this.failed++
      return false
    }
  }
}
