/** Who publishes to a model's room: what is stored is known at once, and every answer is held against it. */
import type { Referee } from './model-referee.ts'
import type { ModelRoom } from './model-room.ts'
import type { ModelStore } from './model-store.ts'

/** Events that are published together, at most. */
export const LARGEST_BATCH = 5

export class ModelPublishers {
  readonly #room: ModelRoom
  readonly #referee: Referee
  readonly #store: ModelStore
  /** Publishes that nobody has answered yet. */
  readonly #unanswered = new Set<object>()
  readonly #keys = new Map<string, { first: number; last: number }>()
  #messages = 0
  /** How often keys may have become too old. */
  #aged = 0

  constructor(room: ModelRoom, referee: Referee, store: ModelStore) {
    this.#room = room
    this.#referee = referee
    this.#store = store
  }

  /** Publishes that wait for their answer. */
  get waiting(): number {
    return this.#unanswered.size
  }

  /** Publishes messages of so many characters; with `fails`, nothing can be written just then. */
  publish(sizes: number[], { key, fails = false }: { key?: string; fails?: boolean } = {}): void {
    const { must } = this.#referee
    const { engine, published, closed } = this.#room
    const name = key && `${key}, ${this.#aged}`
    const known = name === undefined ? undefined : this.#keys.get(name)
    const messages = sizes.map((size) => ({ data: textOf(++this.#messages, size) }))
    this.#store.failing = fails
    const answer = engine.publish(messages, { subject: '', key: name === undefined ? undefined : { name, hash: '' } })
    this.#store.failing = false
    const refusal = known ? undefined : closed ? 'room-closed' : fails ? 'storage-unavailable' : undefined
    const first = published.head + 1
    if (!known && !refusal)
      for (const { data } of messages) published.append(data, this.#room.tagAt(published.head + 1))
    const stored = known ?? { first, last: published.head }
    const { tag: storedTag } = published.cursorAt(stored.last)
    if (name !== undefined && !refusal) this.#keys.set(name, stored)
    must(this.#room.logHead === published.head, `the head is ${this.#room.logHead}, not ${published.head}`)
    const attempt = {}
    this.#unanswered.add(attempt)
    answer.then(
      ({ first, last, tag, duplicate }) => {
        if (!this.#unanswered.delete(attempt)) return
        must(!refusal, `a publish was answered that should be refused as ${refusal}`)
        must(first === stored.first && last === stored.last, `published ${first} to ${last}, not ${stored.first}`)
        must(tag === storedTag, `the answer to ${last} has the tag of another`)
        must(duplicate === (known !== undefined), `duplicate is ${duplicate}`)
        must((this.#room.sent ?? last) >= last, `${last} was answered before it was sent`)
        published.answered = Math.max(published.answered, last)
      },
      ({ code }: { code?: string }) => {
        this.#unanswered.delete(attempt)
        must(code === refusal, `a publish was refused as ${code}, not ${refusal}`)
      },
    )
  }

  /** Nobody waits for an answer any more. */
  abandon(): void {
    this.#unanswered.clear()
  }

  /** Time has passed: the log may have forgotten its keys by now, or not yet, so none is used again. */
  age(): void {
    this.#keys.clear()
    this.#aged++
  }

  /** The log has lost what follows `head`, and the keys with it. */
  forget(head: number): void {
    for (const [key, { last }] of this.#keys) if (last > head || head === 0) this.#keys.delete(key)
  }
}

/** What is published: no two are the same, and some hold what could be taken for the end of a block. */
const textOf = (message: number, size: number): string =>
  `${message}${message % 3 === 0 ? '\n\ndata: ' : 'ä'}${'x'.repeat(size)}`
