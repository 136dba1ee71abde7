/** Where runtimes differ, by name. */

/** Seconds of silence before a comment: Bun cuts what is silent for ten. */
export const HEARTBEAT: number = 'Bun' in globalThis ? 8 : 15

/** What Workers say besides of a body of text or bytes, so that nothing on the way compresses it. */
export const UNCOMPRESSED: Record<string, string> =
  'FixedLengthStream' in globalThis ? { 'content-encoding': 'identity' } : {}
