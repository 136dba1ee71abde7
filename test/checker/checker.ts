/**
 * Checks what a fault run saw against what a room promises. No rule looks at a clock. It uses nothing but the language,
 * so it runs in Node and in workerd alike.
 *
 * ```ts
 * const history = new History()                       // `keyOf` if the key of an event is not `key` of its JSON
 * const record = history.sent({ room: 'a', key: 'k1', messages: [{ data: { key: 'k1' } }] })  // right before it leaves
 * record.acknowledged([id], duplicate)                // or record.failed(error); each retry is a `sent` of its own
 * const connection = history.connected('a', 'reader 1', lastEventId)      // before the request leaves
 * connection.received(message)                        // every message, `stream.…` too
 * connection.disconnected('reset')                    // before the same client connects again
 * history.lost('a')                                   // the log was deleted or put back; dump it before
 * history.dumped('a', lines, { rest: true })          // what reading after '0' gave, while nobody publishes;
 *                                                     // `rest`: all who are connected must have read all of it
 * expect(check(history.entries)).toEqual([])          // or assertSound(history); in Node expectSound(history, name)
 * ```
 *
 * `dumped` takes the lines of `GET /rooms/a/events?after=0` (`Accept: application/x-ndjson`), of all pages, or of
 * `room.read({ after: '0', live: false })`. A room may be dumped many times; at least once at the end, or R1 to R3, R6
 * and R9 have nothing to look at. A logical client that means to go back to an older id is another client. A batch is
 * one `sent` with several messages and one acknowledgement with as many ids.
 */
import type { Entry } from './entries.ts'
import { History } from './history.ts'
import { Logs } from './logs.ts'
import { checkPublishes } from './publish-rules.ts'
import { checkReaders } from './reader-rules.ts'
import type { Report, Violation } from './violation.ts'

export type { Entry } from './entries.ts'
export { type ConnectionRecord, History, type HistoryOptions, type PublishRecord, type SentPublish } from './history.ts'
export type { Rule, Violation } from './violation.ts'

/** What is wrong with a history, nothing when it is sound. Entries stand in the order in which they happened. */
export function check(entries: readonly Entry[]): Violation[] {
  const violations: Violation[] = []
  const report: Report = (rule, text, indices) => {
    const places = [...new Set(indices)].sort((a, b) => a - b)
    violations.push({ rule, text, records: places.flatMap((index) => entries[index] ?? []) })
  }
  const logs = new Logs(entries, report)
  checkPublishes(entries, logs, report)
  checkReaders(entries, logs, report)
  return violations
}

/** Throws what is wrong, the first twenty violations in words. */
export function assertSound(history: History | readonly Entry[]): void {
  const violations = check(history instanceof History ? history.entries : history)
  if (violations.length > 0) throw new Error(`The history is not sound\n${describeViolations(violations)}`)
}

export function describeViolations(violations: readonly Violation[], most = 20): string {
  const lines = violations.slice(0, most).map(({ rule, text }) => `${rule}: ${text}`)
  if (violations.length > most) lines.push(`… and ${violations.length - most} more`)
  return lines.join('\n')
}
