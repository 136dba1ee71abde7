/** Rooms that a subject may bring to life only so often. */
import { SseError } from '../errors.ts'
import type { Rooms } from '../rooms/room.ts'
import { TokenBuckets } from '../rooms/token-buckets.ts'

/** Seconds until a subject may have one more: 0 when it has one now. */
export type Allowance = (subject: string) => number | Promise<number>

/** So many in an hour, as this process counts. */
export function allowanceOf(perHour: number): Allowance {
  const bySubject = new TokenBuckets({ perSecond: perHour / 3_600, burst: perHour })
  return (subject) => bySubject.take(subject, 1, performance.now()) / 1_000
}

/**
 * The same rooms; where one would come to life, its publisher is asked for. `''` is everybody, and has no share. Refuses
 * with `rate-limited`.
 */
export function withAllowance(rooms: Rooms, allowance: Allowance): Rooms {
  /** First as if there were the room: mostly there is. */
  const acting = async <Result>(
    options: { subject?: string | undefined; create?: boolean | undefined } | undefined,
    act: (create: boolean) => Promise<Result>,
  ): Promise<Result> => {
    const { subject = '', create = true } = options ?? {}
    if (subject === '' || !create) return act(create)
    try {
      return await act(false)
    } catch (error) {
      if (!(error instanceof SseError && error.code === 'room-not-found')) throw error
    }
    const retryAfter = await allowance(subject)
    if (retryAfter === 0) return act(true)
    throw new SseError('rate-limited', 'Cannot publish: too many rooms were brought to life on your behalf', {
      field: 'rooms-per-subject',
      retryAfter,
    })
  }
  return {
    get(name) {
      const room = rooms.get(name)
      return {
        ...room,
        publish: (message, options) => acting(options, (create) => room.publish(message, { ...options, create })),
        publishAll: (messages, options) =>
          acting(options, (create) => room.publishAll(messages, { ...options, create })),
        start: (producer, input, options) =>
          acting(options, (create) => room.start(producer, input, { ...options, create })),
      }
    },
  }
}
