/** The one alarm of a room's object: https://developers.cloudflare.com/durable-objects/api/alarms/ */
import { logged } from './durable-outcome.ts'

/** Milliseconds to an alarm at most: 30 days. */
const LONGEST_WAIT = 2_592_000_000

/** Milliseconds by which an alarm may come late. */
const LATE = 10_000

export class DurableAlarm {
  readonly #storage: DurableObjectStorage
  #set = false

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  /** In the same block as what asks for it: both are stored, or neither. */
  set(milliseconds: number): void {
    this.#set = true
    // Who keeps everything for ever has a look all the same: a platform takes no time that is too far away.
    this.#storage.setAlarm(Date.now() + Math.min(milliseconds, LONGEST_WAIT)).catch(logged)
  }

  /**
   * True when nothing would come by in time: an alarm that failed too often is given up by the platform, and one may be
   * due long after it should be, because less is kept than when it was set.
   */
  async isMissing(room: { due: number | undefined }): Promise<boolean> {
    const alarm = await this.#storage.getAlarm()
    const { due } = room // As it is now: something may have been published meanwhile.
    if (this.#set || due === undefined) return false
    return alarm === null || alarm > Date.now() + due + LATE
  }
}
