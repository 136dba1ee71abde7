/** What a server answered to one request, as it was on the wire. Times are milliseconds after the request. */
import type { Block } from './block.ts'
import type { Wire } from './wire.ts'

export interface Piece {
  at: number
  bytes: number
  /** The stream stood inside a block when it ended. */
  isInside: boolean
}

/** `ended` by the server, `broken` off before the end was said, `stopped` by us, `full` when there was more than we read. */
export type End = 'ended' | 'broken' | 'stopped' | 'full'

export interface Answer {
  /** `performance.now()` at the request. */
  startedAt: number
  status: number
  /** By lower-case name, each as often as it came. */
  headers: ReadonlyMap<string, string[]>
  httpVersion: string
  headAt: number
  pieces: Piece[]
  /** The body, decompressed. */
  wire: Wire
  end: End
  endAt: number
  /** What the HTTP parser or the decompressor refused. */
  flaw?: string
}

export interface NoAnswer {
  /** There was none in time, what came was no HTTP, or there was no connection at all. */
  failed: 'timeout' | 'malformed' | 'connection'
  /** Why, in words. */
  why: string
}

export const isAnswer = (answer: Answer | NoAnswer | undefined): answer is Answer =>
  answer !== undefined && 'status' in answer

/** A header, its lines joined. */
export const header = ({ headers }: Answer, name: string): string | undefined => headers.get(name)?.join(', ')

/** What readers are handed. */
export const eventsOf = ({ wire }: Answer): Block[] => wire.blocks.filter(({ data }) => data !== undefined)

/** The ids a reader has had, one after the other. */
export function cursorsOf({ wire }: Answer): string[] {
  const ids = wire.blocks.flatMap(({ id }) => (id ? [id] : []))
  return ids.filter((id, index) => id !== ids[index - 1])
}

/** An id can stand in a header: a browser sends what is beyond ASCII as UTF-8, and control characters not at all. */
export const isSendable = (id: string): boolean => !/[\p{Cc}\p{Cs}]/u.test(id)

/** A list in a header, as of `Cache-Control`. */
export const listIn = (value: string | undefined): string[] =>
  (value ?? '').split(',').map((each) => each.trim().toLowerCase())
