/** How a connection is doing, as a page would draw it. */
export interface ConnectionState {
  /**
   * `connecting`: nothing was read yet. `live`: the stream is open. `stalled`: it has been silent for longer than its
   * server would be, and is given up. `resuming`: it was open, and is being dialled again. `closed`: for good.
   */
  readonly phase: 'connecting' | 'live' | 'stalled' | 'resuming' | 'closed'
  /** Attempts in a row that brought no message: 0 while all is well. */
  readonly attempt: number
  /** When it dials again, in milliseconds since 1970; absent unless it waits. */
  readonly retryAt?: number | undefined
  /** Why the last attempt failed or ended, or why the connection is closed; absent when nothing was wrong. */
  readonly error?: unknown
}
