/**
 * Rules on what was published:
 * R1 what was acknowledged is in the log, or at or below its floor · R2 each key is at most once in the log · R6 a key
 * that was never acknowledged is there whole or not at all · R8 what was acknowledged before another was sent precedes it.
 */
import type { Entry } from './entries.ts'
import { type KnownLog, type Logs, seqOf } from './logs.ts'
import { type Attempt, acknowledgedOf, attemptsIn, type Publish, publishesOf } from './publishes.ts'
import type { Report } from './violation.ts'

export function checkPublishes(entries: readonly Entry[], logs: Logs, report: Report): void {
  const publishes = publishesOf(attemptsIn(entries))
  for (const publish of publishes) {
    checkAcknowledged(publish, logs, report)
    if (publish.key !== null) checkKey(publish, logs, report)
  }
  checkKeyless(publishes, logs, report)
  checkOrder(publishes, logs, report)
}

/** R1 */
function checkAcknowledged(publish: Publish, logs: Logs, report: Report): void {
  for (const { sent, sentAt, acknowledged, acknowledgedAt } of acknowledgedOf(publish)) {
    const { ids } = acknowledged
    const log = logs.at(publish.room, acknowledgedAt)
    const broken = (text: string): void => report('R1', text, [sentAt, acknowledgedAt, log.dumpedAt])
    if (ids.length !== sent.bodies.length)
      broken(`${sent.bodies.length} events were acknowledged with ${ids.length} ids in ${publish.room}`)
    if (ids.some((id, index) => index > 0 && seqOf(id) !== seqOf(ids[index - 1] as string) + 1))
      broken(`a batch was acknowledged as ${ids.join(' ')}, which do not follow each other, in ${publish.room}`)
    for (const [index, id] of ids.entries()) {
      const held = log.events.get(id)
      if (held && held.body !== sent.bodies[index])
        broken(`${id} was acknowledged for ${sent.bodies[index]}, and ${publish.room} holds ${held.body} there`)
      if (!held && !log.mayHold(id, acknowledgedAt))
        broken(`${id} was acknowledged, and the log of ${publish.room} does not hold it`)
    }
  }
}

/** R2, R6 */
function checkKey(publish: Publish, logs: Logs, report: Report): void {
  const { room, attempts } = publish
  const key = publish.key as string
  const sentAt = attempts.map((attempt) => attempt.sentAt)
  const acknowledged = acknowledgedOf(publish)
  for (const log of logs.of(room)) {
    const answers = acknowledged.filter(({ acknowledgedAt }) => logs.at(room, acknowledgedAt) === log)
    const ids = new Set(answers.map((answer) => answer.acknowledged.ids.join(' ')))
    if (ids.size > 1) {
      const places = answers.map(({ acknowledgedAt }) => acknowledgedAt)
      report('R2', `Key ${key} of ${room} was acknowledged as ${[...ids].join(' and as ')}`, places)
    }
    const held = log.withKey(key)
    const count = held.length
    const whole = attempts.some(({ sent }) => sent.bodies.length === count)
    const most = Math.max(...attempts.map(({ sent }) => sent.bodies.length))
    if (acknowledged.length > 0 && count > most)
      report('R2', `Key ${key} is ${count} times in the log of ${room}, and was sent for ${most}`, [
        ...sentAt,
        log.dumpedAt,
      ])
    // Retention may have taken the beginning of a long batch.
    const before = seqOf(held[0]?.id ?? '') - 1
    const begun = count < most && before >= most - count && log.beganAfter(before)
    if (acknowledged.length === 0 && count > 0 && !whole && !begun)
      report('R6', `Key ${key}, never acknowledged, is ${count} times in the log of ${room}, not 0 or ${most}`, [
        ...sentAt,
        log.dumpedAt,
      ])
  }
}

/** R6 of those without a key: there are never more of one text than were sent. */
function checkKeyless(publishes: Publish[], logs: Logs, report: Report): void {
  const nameOf = ({ room, key }: { room: string; key: string | null }): string => JSON.stringify([room, key])
  const keyed = new Set(publishes.filter(({ key }) => key !== null).map(nameOf))
  const keyless = publishes.filter(({ key }) => key === null).flatMap(({ attempts }) => attempts)
  const copiesSent = Map.groupBy(
    keyless.flatMap(({ sent, sentAt }) => sent.bodies.map((body) => ({ room: sent.room, body, sentAt }))),
    ({ room, body }) => JSON.stringify([room, body]),
  )
  for (const room of new Set(publishes.map((publish) => publish.room)))
    for (const log of logs.of(room)) {
      const events = [...log.events.values()].filter(({ key }) => !keyed.has(nameOf({ room, key })))
      for (const [body, copies] of Map.groupBy(events, (event) => event.body)) {
        const sent = copiesSent.get(JSON.stringify([room, body]))
        if (sent && copies.length > sent.length)
          report('R6', `${body} is ${copies.length} times in the log of ${room}, and was sent ${sent.length} times`, [
            ...sent.map(({ sentAt }) => sentAt),
            log.dumpedAt,
          ])
      }
    }
}

/** R8: by the order of the entries, in which `publishes` stand too. None can be in the log before its first attempt. */
function checkOrder(publishes: Publish[], logs: Logs, report: Report): void {
  for (const [room, ofRoom] of Map.groupBy(publishes, (publish) => publish.room)) {
    const sentAt = (publish: Publish): number => (publish.attempts[0] as Attempt).sentAt
    const answers = ofRoom
      .flatMap(acknowledgedOf)
      .sort((a, b) => a.acknowledgedAt - b.acknowledgedAt)
      .map(({ acknowledged, acknowledgedAt }) => ({
        log: logs.at(room, acknowledgedAt),
        at: acknowledgedAt,
        seq: seqOf(acknowledged.ids.at(-1) ?? '0'),
      }))
    /** The newest event that had been acknowledged so far, by log. */
    const newest = new Map<KnownLog, (typeof answers)[number]>()
    let next = 0
    for (const publish of ofRoom) {
      for (; answers[next] && (answers[next]?.at as number) < sentAt(publish); next++) {
        const answer = answers[next] as (typeof answers)[number]
        if (answer.seq > (newest.get(answer.log)?.seq ?? 0)) newest.set(answer.log, answer)
      }
      for (const [log, before] of newest) {
        const place = placeIn(log, publish, logs)
        if (place !== undefined && place <= before.seq)
          report('R8', `${before.seq} of ${room} was acknowledged before ${place} was sent, and does not precede it`, [
            before.at,
            sentAt(publish),
          ])
      }
    }
  }
}

/** The seq at which a publish is in a log, by its acknowledgement or by its key. */
function placeIn(log: KnownLog, publish: Publish, logs: Logs): number | undefined {
  const answer = acknowledgedOf(publish).find(({ acknowledgedAt }) => logs.at(publish.room, acknowledgedAt) === log)
  const id = answer?.acknowledged.ids[0] ?? (publish.key === null ? undefined : log.withKey(publish.key)[0]?.id)
  return id === undefined ? undefined : seqOf(id)
}
