/** What access gives who may: on whose behalf a request acts, and for how long. */

export interface Grant {
  /** `''` where everybody is the same. */
  subject: string
  /** When the right ends, in milliseconds since 1970. Defaults to never. */
  expires?: number | undefined
  /** What lets its reader in once, to be spent by the room. */
  ticket?: { id: string; expires: number } | undefined
}
