/** Writes down what publishers, readers and dumps saw, for `check`. Uses nothing but the language: it runs anywhere. */
import type { Gap, RoomMessage } from '../../src/rooms/room.ts'
import type { Dumped, Entry } from './entries.ts'

export interface HistoryOptions {
  /** The key of an event by its data as readers get it. Defaults to `key` of data that is a JSON object. */
  keyOf?(data: string): string | null
}

export interface SentPublish {
  room: string
  /** Who sends. For people only. */
  publisher?: string
  /** The Idempotency-Key; none for a publish that is sent once. */
  key?: string | undefined
  /** What is published: several for a batch. */
  messages: { event?: string | undefined; data: unknown }[]
}

/** A publish under way: it is acknowledged, or it fails. */
export interface PublishRecord {
  /** Answered 2xx, with the ids of its events. */
  acknowledged(ids: string[], duplicate?: boolean): void
  failed(error: unknown): void
}

/** A reader's connection. */
export interface ConnectionRecord {
  /** Any message of the stream, `stream.…` too. */
  received(message: { id?: string | undefined; event?: string | undefined; data: string }): void
  /** `how` is for people only. The next connection of this client may be recorded after this. */
  disconnected(how?: string): void
}

export class History {
  readonly entries: Entry[] = []
  readonly #keyOf: (data: string) => string | null
  readonly #texts = new Map<string, string>()
  #publishes = 0
  #connections = 0

  constructor({ keyOf = keyOfJson }: HistoryOptions = {}) {
    this.#keyOf = keyOf
  }

  /** Call it right before the request leaves. */
  sent({ room, publisher = '', key, messages }: SentPublish): PublishRecord {
    const publish = ++this.#publishes
    const bodies = messages.map(({ event, data }) =>
      digest(event, typeof data === 'string' ? data : JSON.stringify(data)),
    )
    this.record({ type: 'sent', room, publisher, publish, key: key ?? null, bodies })
    return {
      acknowledged: (ids, duplicate = false) => this.record({ type: 'acknowledged', publish, ids, duplicate }),
      failed: (error) => this.record({ type: 'failed', publish, error: String(error) }),
    }
  }

  /** Call it before the request leaves; `lastEventId` is what it brings. A client has one connection at a time. */
  connected(room: string, client: string, lastEventId?: string): ConnectionRecord {
    const connection = ++this.#connections
    this.record({ type: 'connected', room, client, connection, asked: lastEventId ?? null })
    return {
      received: ({ id = null, event = null, data }) => {
        const said = { type: 'received', connection, id: this.#own(id), event: this.#own(event) } as const
        if (event === 'stream.gap') this.record({ ...said, gap: JSON.parse(data) })
        else if (event?.startsWith('stream.')) this.record(said)
        else this.record({ ...said, body: this.#own(digest(event, data)), key: this.#own(this.#keyOf(data)) })
      },
      disconnected: (how = '') => this.record({ type: 'disconnected', connection, how }),
    }
  }

  /**
   * What reading the room from `after: '0'` to its end gave, a gap at the beginning too, while nobody publishes.
   * `rest`: everybody who is connected must have read all of it.
   */
  dumped(room: string, lines: (RoomMessage | Gap)[], { rest = false }: { rest?: boolean } = {}): void {
    let floor = '0'
    let events: Dumped['events'] = []
    for (const line of lines) {
      if ('gap' in line) {
        floor = line.id
        events = []
      } else events.push({ id: line.id, body: digest(line.event, line.data), key: this.#keyOf(line.data) })
    }
    this.record({ type: 'dumped', room, floor, events, rest })
  }

  /** The log was deleted or put back to an older copy. Dump it before, or what it acknowledged is not looked at. */
  lost(room: string): void {
    this.record({ type: 'lost', room })
  }

  record(entry: Entry): void {
    this.entries.push({ ...entry, time: Date.now() })
  }

  /** One copy of each text, for all readers: a piece of what was received would keep all of that in memory. */
  #own<Text extends string | null>(text: Text): Text {
    if (text === null) return text
    if (!this.#texts.has(text)) {
      const copy: string = JSON.parse(JSON.stringify(text))
      this.#texts.set(copy, copy)
    }
    return this.#texts.get(text) as Text
  }

  toJSONL(): string {
    return this.entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
  }

  /** The entries of a file that `toJSONL` made. */
  static parse(text: string): Entry[] {
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  }
}

function keyOfJson(data: string): string | null {
  if (!data.startsWith('{')) return null
  try {
    const { key } = JSON.parse(data)
    return typeof key === 'string' ? key : null
  } catch {
    return null
  }
}

/** Short bodies stay readable; of a long one its beginning, its length and an FNV-1a hash say whether it is the same. */
function digest(event: string | null | undefined, data: string): string {
  const text = (event ? `${event} ` : '') + data.replaceAll(/\r\n?/g, '\n') // As the wire has it.
  if (text.length <= 64) return text
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return `${text.slice(0, 32)}… ${text.length} ${(hash >>> 0).toString(16)}`
}
