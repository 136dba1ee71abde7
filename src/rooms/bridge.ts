/**
 * What the two sides of a room say to each other: the holder, which has a reader's stream, and the room, which has the
 * log. Where both live in one process these are calls; between a Worker and an object they are text frames.
 */
import { type Cursor, ORIGIN, parseCursor } from './cursor.ts'
import type { From } from './room.ts'

/** Named in `Sec-WebSocket-Protocol`; an object that does not know it closes with `UNKNOWN_PROTOCOL`. */
export const PROTOCOL = 'edge-sse.1'
export const UNKNOWN_PROTOCOL = 4400

/** Where a reader stands: after a cursor, or, before it has one, where it wants to start. */
export type Position = Cursor | From | 'malformed'

export const isCursor = (position: Position): position is Cursor => typeof position === 'object'

/** Asks for one page after a position. */
export interface Ask {
  /** One more with every command of a response: what bears another turn is late, and dropped. */
  readonly turn: number
  readonly position: Position
  /** True until this response has taken a page: a bad cursor is then one the reader brought along. */
  readonly first: boolean
}

/** A command of the holder: a page, or (without a position) no more live pages. */
export type Command = Ask | { readonly turn: number }

/** 0: there is more to ask for. 1: at the head, live from here on. 2: at the head of a closed room. */
export type Liveness = 0 | 1 | 2

const encoder = new TextEncoder()

/** Consecutive blocks for readers. One page is made for all of them: what differs is only the turn it is sent under. */
export class Page {
  /** The seq this continues; in an answer the one that was asked for, `-` for none, also when it holds a gap. */
  readonly from: number | '-'
  /** The position after it. */
  readonly to: Cursor
  readonly live: Liveness
  /** Complete event-stream blocks. */
  readonly blocks: string
  /** When it was made here, by `performance.now()` in whole milliseconds: a moment for all readers, who get it one after the other. */
  readonly at: number = Math.round(performance.now())
  #bytes: Uint8Array | undefined
  #texts: Map<number, string> | undefined

  constructor(from: number | '-', to: Cursor, live: Liveness, blocks: string) {
    this.from = from
    this.to = to
    this.live = live
    this.blocks = blocks
  }

  /** The blocks in UTF-8, made once. */
  get bytes(): Uint8Array {
    this.#bytes ??= encoder.encode(this.blocks)
    return this.#bytes
  }

  /** The page as a text frame, made once for each turn in use. */
  encode(turn: number): string {
    this.#texts ??= new Map()
    let text = this.#texts.get(turn)
    if (text === undefined) {
      text = `${turn} ${this.from} ${this.to.seq} ${this.to.tag} ${this.live}\n${this.blocks}`
      this.#texts.set(turn, text)
    }
    return text
  }
}

/** What was decoded last: a fan-out reaches the readers of a Worker as one text, many times in a row. */
let last: { text: string; received: Received | undefined } = { text: '', received: undefined }

interface Received {
  turn: number
  page: Page
}

/** A text frame as a page and its turn, the same ones for the same text; `undefined` when it is not one. */
export function decodePage(text: string): Received | undefined {
  if (text !== last.text) last = { text, received: decode(text) }
  return last.received
}

function decode(text: string): Received | undefined {
  const newline = text.indexOf('\n')
  const [turn, from, seq, tag, live] = text.slice(0, newline).split(' ')
  if (newline < 0 || !tag || !/^[012]$/.test(live ?? '')) return undefined
  const to = { seq: Number(seq), tag }
  const page = new Page(from === '-' ? '-' : Number(from), to, Number(live) as Liveness, text.slice(newline + 1))
  return { turn: Number(turn), page }
}

export function encodeCommand(command: Command): string {
  if (!('position' in command)) return `s ${command.turn}`
  return `p ${command.turn} ${encodePosition(command.position)} ${command.first ? 1 : 0}`
}

/** A command as it came; `undefined` when it is not one. */
export function decodeCommand(text: string): Command | undefined {
  const [kind, turnText, seq = '', tag = '', first] = text.split(' ')
  const turn = Number(turnText)
  if (!Number.isSafeInteger(turn) || turn < 1) return undefined
  if (kind === 's') return { turn }
  const position = decodePosition(`${seq} ${tag}`)
  return kind === 'p' && position !== undefined ? { turn, position, first: first === '1' } : undefined
}

/** `<seq> <tag>` of a cursor; `- <start>` without one. */
export const encodePosition = (position: Position): string =>
  isCursor(position) ? `${position.seq} ${position.tag}` : `- ${position}`

export function decodePosition(text: string): Position | undefined {
  const [seq, tag = ''] = text.split(' ')
  if (seq !== '-') return seq === '0' ? ORIGIN : parseCursor(`${seq}-${tag}`)
  if (tag === 'live' || tag === 'start' || tag === 'malformed') return tag
  return /^\d{1,16}$/.test(tag) ? Number(tag) : undefined
}
