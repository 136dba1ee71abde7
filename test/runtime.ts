/** Where runtimes differ, by name. */

/** Seconds of silence before a comment: Bun cuts what is silent for ten. */
export const HEARTBEAT: number = 'Bun' in globalThis ? 8 : 15
