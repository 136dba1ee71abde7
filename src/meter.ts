/** What this process has done, in plain numbers: added to where it happens, read by whoever shows them. */

export interface Meter {
  /** Messages stored. What is published again under its key is not. */
  publishes: number
  /** Events handed to readers, live or from the log: one that three of them get is three. */
  deliveries: number
  /** The bytes of those, as blocks of an event stream. */
  deliveredBytes: number
  /** Pages with events read from the log, for readers that came back or fell behind, and for the history. */
  replays: number
  /** Gaps that readers were told of, by their reason. */
  readonly gaps: Record<'expired' | 'unknown' | 'slow' | 'malformed', number>
  /** Readers that are behind now: not live, because they have not taken what waits for them. */
  lagging: number
  /** Gets the milliseconds of each publish until it was stored and sent. Defaults to nothing. */
  published(milliseconds: number): void
}

/** In a Worker and in a room's object each isolate has its own. */
export const meter: Meter = {
  publishes: 0,
  deliveries: 0,
  deliveredBytes: 0,
  replays: 0,
  gaps: { expired: 0, unknown: 0, slow: 0, malformed: 0 },
  lagging: 0,
  published() {},
}

/** The same events went to so many readers: counted once for all of them. */
export function delivered(readers: number, events: number, bytes: number): void {
  meter.deliveries += readers * events
  meter.deliveredBytes += readers * bytes
}
