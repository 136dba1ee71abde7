/** Attempts to publish, joined with their answers and grouped by what they are attempts at. */
import type { Acknowledged, Entry, Sent } from './entries.ts'

export interface Attempt {
  sent: Sent
  sentAt: number
  acknowledged?: Acknowledged
  acknowledgedAt: number
}

/** All attempts at one event or batch: those with one key, or a single one without. */
export interface Publish {
  room: string
  key: string | null
  attempts: Attempt[]
}

export function attemptsIn(entries: readonly Entry[]): Attempt[] {
  const attempts = new Map<number, Attempt>()
  for (const [index, entry] of entries.entries()) {
    if (entry.type === 'sent') attempts.set(entry.publish, { sent: entry, sentAt: index, acknowledgedAt: -1 })
    if (entry.type !== 'acknowledged') continue
    const attempt = attempts.get(entry.publish)
    if (!attempt) throw new Error(`Cannot check history: entry ${index} acknowledges what was never sent`)
    Object.assign(attempt, { acknowledged: entry, acknowledgedAt: index })
  }
  return [...attempts.values()]
}

export const publishesOf = (attempts: Attempt[]): Publish[] =>
  [
    ...Map.groupBy(attempts, ({ sent: { room, key, publish } }) =>
      JSON.stringify(key === null ? [room, publish] : [room, key, 'key']),
    ).values(),
  ].map((group) => {
    const { room, key } = (group[0] as Attempt).sent
    return { room, key, attempts: group }
  })

export const acknowledgedOf = ({ attempts }: Publish): (Attempt & { acknowledged: Acknowledged })[] =>
  attempts.filter((attempt): attempt is Attempt & { acknowledged: Acknowledged } => attempt.acknowledged !== undefined)
