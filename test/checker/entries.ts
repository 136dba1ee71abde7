/** What a fault run writes down, one JSON line each, in the order in which one process saw it happen. */

/** A publish leaves for the room. A retry is a publish of its own with the same key. */
export interface Sent {
  type: 'sent'
  room: string
  publisher: string
  /** Tells this attempt from all others. */
  publish: number
  /** Null for a publish without an idempotency key. */
  key: string | null
  /** One for each event: several for a batch. */
  bodies: string[]
}

/** It was answered 2xx. */
export interface Acknowledged {
  type: 'acknowledged'
  publish: number
  /** One for each event. */
  ids: string[]
  duplicate: boolean
}

/** It was answered otherwise, or not at all: whether the room has it is unknown. */
export interface Failed {
  type: 'failed'
  publish: number
  error: string
}

/** A logical client opens its next connection; the one before has ended. */
export interface Connected {
  type: 'connected'
  room: string
  client: string
  connection: number
  /** The Last-Event-ID it brings, null for none. */
  asked: string | null
}

/** A message of a stream: an event of the room, or one that the stream says of itself (`stream.…`). */
export interface Received {
  type: 'received'
  connection: number
  id: string | null
  event: string | null
  /** Of an event of the room. */
  body?: string
  key?: string | null
  /** Of `stream.gap`: why, and the id that was asked for. */
  gap?: { reason: string; asked: string | null }
}

export interface Disconnected {
  type: 'disconnected'
  connection: number
  how: string
}

/** What the log of a room holds, dumped while nobody publishes. Several dumps are looks at one log that grew. */
export interface Dumped {
  type: 'dumped'
  room: string
  /** The cursor before the oldest event. */
  floor: string
  events: { id: string; body: string; key: string | null }[]
  /** True where everybody who is connected must have read everything. */
  rest: boolean
}

/** The log of a room was deleted, or put back to an older copy: what follows is another log. */
export interface Lost {
  type: 'lost'
  room: string
}

export type Entry = (Sent | Acknowledged | Failed | Connected | Received | Disconnected | Dumped | Lost) & {
  /** Milliseconds since 1970: for who reads the file, no rule looks at it. */
  time?: number
}
