/** What an examination finds. Its texts are printable: whatever a server said stands in them through `quoted`. */
import { printable } from '../printable.ts'

export type Severity = 'error' | 'warning' | 'note'

export type Rule =
  | 'answer'
  | 'buffering'
  | 'cache-control'
  | 'compression'
  | 'content-length'
  | 'content-type'
  | 'cors'
  | 'cors-credentials'
  | 'cors-last-event-id'
  | 'end'
  | 'eventsource-refused'
  | 'first-byte'
  | 'forged-field'
  | 'framing'
  | 'gap'
  | 'heartbeat'
  | 'heartbeat-event'
  | 'id'
  | 'ids-absent'
  | 'ids-repeat'
  | 'line'
  | 'name'
  | 'redirect'
  | 'resume'
  | 'retry'
  | 'status'
  | 'unfinished'
  | 'unknown-field'
  | 'utf-8'
  | 'x-accel-buffering'

export interface Finding {
  rule: Rule
  severity: Severity
  /** What was seen, as a sentence. */
  what: string
  /** What it does to readers, where that is not plain. */
  why?: string
  /** What to do. */
  fix: string
}

/** What could not be judged: `what` says why not, `fix` what would help. */
export interface Unjudged {
  rule: Rule
  severity: 'not judged'
  what: string
  fix?: string
}

export type Judgement = Finding | Unjudged

type Texts = Omit<Finding, 'rule' | 'severity'>

export const error = (rule: Rule, texts: Texts): Finding => ({ rule, severity: 'error', ...texts })
export const warning = (rule: Rule, texts: Texts): Finding => ({ rule, severity: 'warning', ...texts })
export const note = (rule: Rule, texts: Texts): Finding => ({ rule, severity: 'note', ...texts })
export const unjudged = (rule: Rule, texts: Omit<Unjudged, 'rule' | 'severity'>): Unjudged => ({
  rule,
  severity: 'not judged',
  ...texts,
})

/** Text of a server inside a sentence. */
export const quoted = (text: string, atMost = 60): string => `"${printable(text, { atMost })}"`

/** Milliseconds as a person says them. */
export const lasting = (milliseconds: number): string =>
  milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${Number((milliseconds / 1_000).toFixed(1))} s`

/** `1 line`, `2 lines`. */
export const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`
