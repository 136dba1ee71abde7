/** What is known of each room's logs from their dumps: rule R3, and which ids can be in which log. */
import type { Dumped, Entry } from './entries.ts'
import type { Report } from './violation.ts'

export type LoggedEvent = Dumped['events'][number]

/** The seq of `<seq>-<tag>`, 0 of `0`, NaN of anything else. */
export const seqOf = (id: string): number =>
  id === '0' ? 0 : /^[1-9]\d{0,15}-[0-9a-z]{6}$/.test(id) ? Number.parseInt(id, 10) : Number.NaN

/** One log of a room: it grows and forgets until it is lost. */
export class KnownLog {
  /** Index of the entry that lost the log before. */
  readonly begins: number
  /** Index of its last dump, -1 without one. */
  dumpedAt = -1
  /** Of the last dump. */
  floor = 0
  head = 0
  /** Everything that any of its dumps held. */
  readonly events: Map<string, LoggedEvent> = new Map()
  readonly #bySeq = new Map<number, LoggedEvent>()
  readonly #byKey = new Map<string, LoggedEvent[]>()
  readonly #floors = new Set<string>()

  constructor(begins: number) {
    this.begins = begins
  }

  /** Takes a dump in, and reports what the rule R3 says of it. */
  add(dump: Dumped, index: number, report: Report): void {
    const floor = seqOf(dump.floor)
    const broken = (text: string): void => report('R3', `The log of ${dump.room} ${text}`, [index])
    if (Number.isNaN(floor)) broken(`has a floor that is no id: ${dump.floor}`)
    if (floor < this.floor) broken(`has its floor at ${floor}, and had it at ${this.floor}`)
    let last = floor
    for (const event of dump.events) {
      const seq = seqOf(event.id)
      if (seq !== last + 1) broken(`goes on from ${last} with ${event.id}`)
      const known = this.#bySeq.get(seq)
      if (known && (known.id !== event.id || known.body !== event.body))
        broken(`has ${event.id} where it had ${known.id}, or another text`)
      this.#bySeq.set(seq, event)
      this.#keep(event)
      last = seq
    }
    if (last < this.head) broken(`ends at ${last}, and went to ${this.head}`)
    this.#floors.add(dump.floor)
    this.floor = floor
    this.head = last
    this.dumpedAt = index
  }

  /** The events that bear a key, in the order of the dumps. */
  withKey(key: string): readonly LoggedEvent[] {
    return this.#byKey.get(key) ?? []
  }

  /** True when its oldest event was once the one after `seq`: what stood before may have been let go. */
  beganAfter(seq: number): boolean {
    return [...this.#floors].some((floor) => seqOf(floor) === seq)
  }

  holds(id: string): boolean {
    return id === '0' || this.events.has(id) || this.#floors.has(id)
  }

  /** False when this log cannot have held that id at that entry: a dump would show it. */
  mayHold(id: string, index: number): boolean {
    const seq = seqOf(id)
    return this.holds(id) || this.dumpedAt < 0 || seq <= this.floor || (seq > this.head && index > this.dumpedAt)
  }

  #keep(event: LoggedEvent): void {
    const { id, key } = event
    if (key !== null && !this.events.has(id)) this.#byKey.set(key, [...this.withKey(key), event])
    this.events.set(id, event)
  }
}

export class Logs {
  readonly #rooms = new Map<string, KnownLog[]>()

  constructor(entries: readonly Entry[], report: Report) {
    for (const [index, entry] of entries.entries()) {
      if (entry.type === 'dumped') this.of(entry.room).at(-1)?.add(entry, index, report)
      if (entry.type === 'lost') this.of(entry.room).push(new KnownLog(index))
    }
  }

  /** All logs of a room, the first one first. */
  of(room: string): KnownLog[] {
    const logs = this.#rooms.get(room) ?? [new KnownLog(-1)]
    this.#rooms.set(room, logs)
    return logs
  }

  /** The log of a room at an entry. */
  at(room: string, index: number): KnownLog {
    return this.of(room).findLast(({ begins }) => begins < index) as KnownLog
  }

  /** The logs of a room in which an id that was read at an entry may stand; those that show it, if any does. */
  withId(room: string, id: string, index: number): KnownLog[] {
    const holding = this.of(room).filter((log) => log.holds(id))
    return holding.length > 0 ? holding : this.of(room).filter((log) => log.mayHold(id, index))
  }

  /** True when another room's dump holds that id. */
  heldElsewhere(room: string, id: string): boolean {
    for (const [other, logs] of this.#rooms)
      if (other !== room && logs.some(({ events }) => events.has(id))) return true
    return false
  }
}
