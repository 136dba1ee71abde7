/** What a scripted server does, as JSON: one answer for each attempt, so that it can be told from any platform. */

/** A piece of a body: text, bytes, or what the server does at that place. */
export type Piece =
  | string
  | { bytes: number[] }
  /** Waits until it is released. */
  | { gate: true }
  /** The same text again and again until `total` bytes were taken, or nobody is there. */
  | { flood: string; total: number }

export interface Answer {
  /** Defaults to 200. `none` for no head at all. */
  status?: number | 'none'
  /** Defaults to those of an event stream. */
  headers?: Record<string, string>
  body?: Piece[]
  /**
   * How it ends: whole (`fin`, the default), by a FIN where more was to come (`cut`), by a RST (`reset`), or not at all
   * (`hang`).
   */
  end?: 'fin' | 'cut' | 'reset' | 'hang'
}

/** A request as the server saw it. */
export interface Seen {
  method: string
  /** Path and query, after the address of the script. */
  url: string
  /** Of the server that was asked. */
  port: number
  headers: Record<string, string>
  /** Latin-1 of its bytes. */
  body: string
}

/** How an answer ended: all was said, or the other side had left before. */
export type Ending = 'finished' | 'left'
