import type { Answer } from './answer.ts'

/** How long things are waited for, in milliseconds. */
export interface Limits {
  /** How long the stream is watched. Without it 20 s, and longer where a silence has to be judged. */
  for?: number
  /** The stream has shown what there is to see: it is watched no longer. Defaults to never. */
  enough?(answer: Answer): boolean
  /** The head of an answer may take that long. */
  timeout: number
  /** The longest silence that is no finding, where the server does not say how often it beats. */
  silence: number
  /** What should come at once may take that long. */
  patience: number
  /** What came by that much later was held back. */
  slack: number
}

/**
 * A silence of 32 s is one that a heartbeat every 30 s would have broken: rarer ones leave no room for a second before
 * proxies cut, after 60 s (nginx: proxy_read_timeout).
 */
export const LIMITS: Limits = { timeout: 10_000, silence: 32_000, patience: 3_000, slack: 1_500 }

export const WATCHED = 20_000
