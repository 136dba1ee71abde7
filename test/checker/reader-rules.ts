/**
 * Rules on what was read:
 * R4 what a logical client receives is a contiguous run of one log, less what `stream.gap` announces · R5 it gets no id
 * twice between two gaps · R7 it sees its own room only · R9 at rest everybody who is connected stands at the head.
 */
import type { Connected, Dumped, Entry, Received } from './entries.ts'
import { type Logs, seqOf } from './logs.ts'
import type { Report } from './violation.ts'

/** A logical client: it keeps its place from one connection to the next. */
interface Client {
  name: string
  room: string
  /** The id it stands at, null before it has one. */
  position: string | null
  /** Entry of its open connection. */
  connectedAt: number | undefined
  /** The entry that brought each id since the last gap. */
  seen: Map<string, number>
}

export function checkReaders(entries: readonly Entry[], logs: Logs, report: Report): void {
  const rules = new ReaderRules(entries, logs, report)
  for (const [index, entry] of entries.entries()) {
    if (entry.type === 'connected') rules.connected(entry, index)
    else if (entry.type === 'received') rules.received(entry, index)
    else if (entry.type === 'disconnected') rules.disconnected(entry.connection)
    else if (entry.type === 'dumped' && entry.rest) rules.atRest(entry, index)
  }
}

class ReaderRules {
  readonly #logs: Logs
  readonly #report: Report
  readonly #clients = new Map<string, Client>()
  readonly #byConnection = new Map<number, Client>()
  readonly #roomsOfKey: Map<string, Set<string>>
  /** What was first read as an event, by room and seq: dumps no longer show what retention took. */
  readonly #witnessed = new Map<string, { index: number; id: string; body: string | undefined }>()

  constructor(entries: readonly Entry[], logs: Logs, report: Report) {
    this.#logs = logs
    this.#report = report
    this.#roomsOfKey = roomsByKey(entries)
  }

  connected({ room, client: name, connection, asked }: Connected, index: number): void {
    const id = JSON.stringify([room, name])
    const client = this.#clients.get(id) ?? { name, room, position: null, connectedAt: undefined, seen: new Map() }
    this.#clients.set(id, client)
    this.#byConnection.set(connection, client)
    client.position = asked
    client.connectedAt = index
  }

  disconnected(connection: number): void {
    const client = this.#byConnection.get(connection)
    if (client) client.connectedAt = undefined
    this.#byConnection.delete(connection)
  }

  received(message: Received, index: number): void {
    const client = this.#byConnection.get(message.connection)
    if (!client) throw new Error(`Cannot check history: entry ${index} was received on no open connection`)
    if (message.gap) this.#gap(client, message.id ?? '', message.gap, index)
    else if (message.event === 'stream.live') this.#live(client, message.id ?? '', index)
    else if (!message.event?.startsWith('stream.')) this.#event(client, message, index)
  }

  /** R9 */
  atRest({ room, floor, events }: Dumped, index: number): void {
    const head = events.at(-1)?.id ?? floor
    for (const client of this.#clients.values())
      if (client.room === room && client.connectedAt !== undefined && client.position !== head)
        this.#report('R9', `${client.name} rests at ${client.position}, the head of ${room} is ${head}`, [
          client.connectedAt,
          index,
        ])
  }

  #event(client: Client, { id, key, body }: Received, index: number): void {
    const { room, name, position, seen } = client
    if (id === null || Number.isNaN(seqOf(id)))
      return this.#report('R4', `${name} of ${room} received an event whose id is ${id}`, [index])
    if (this.#isForeign(room, id, key ?? null))
      return this.#report('R7', `${name} of ${room} received ${id} of another room`, [index])
    const follows = position === null || seqOf(id) === seqOf(position) + 1
    const before = seen.get(id)
    if (before === undefined || follows) client.position = id
    if (before !== undefined)
      return this.#report('R5', `${name} of ${room} received ${id} twice without a gap`, [before, index])
    seen.set(id, index)
    const broken = (text: string): void => this.#report('R4', `${name} of ${room} ${text}`, [index])
    if (!follows) broken(`stood at ${position} and received ${id} next, without a gap`)
    const possible = this.#logs.withId(room, id, index)
    if (possible.length === 0) broken(`received ${id}, which the log does not hold`)
    else if (
      follows &&
      position !== null &&
      !this.#logs.withId(room, position, index).some((log) => possible.includes(log))
    )
      broken(`stood at ${position} and received ${id} of another log, without a gap`)
    const logged = possible.map((log) => log.events.get(id)).filter((event) => event !== undefined)
    if (logged.length > 0 && logged.every((event) => event.body !== body))
      broken(`received ${id} as ${body}, and the log has ${logged[0]?.body}`)
    this.#agree(client, { id, body, index })
  }

  /** Two readers of a log that was never lost read the same, also where no dump can tell any more. */
  #agree({ name, room }: Client, read: { id: string; body: string | undefined; index: number }): void {
    if (this.#logs.of(room).length > 1) return
    const place = JSON.stringify([room, seqOf(read.id)])
    const first = this.#witnessed.get(place) ?? read
    this.#witnessed.set(place, first)
    if (first.id !== read.id || first.body !== read.body)
      this.#report(
        'R4',
        `${name} of ${room} received ${read.id} as ${read.body}, another ${first.id} as ${first.body}`,
        [first.index, read.index],
      )
  }

  #live(client: Client, id: string, index: number): void {
    const { name, room, position } = client
    if (position !== null && id !== position)
      this.#report('R4', `${name} of ${room} stood at ${position} and was told that it is live at ${id}`, [index])
    else if (this.#logs.withId(room, id, index).length === 0)
      this.#report('R4', `${name} of ${room} was told that it is live at ${id}, which the log does not hold`, [index])
    client.position = id
  }

  /** A gap is said of the place where the reader stands, leads to the floor, and only where something is missing. */
  #gap(client: Client, id: string, { reason, asked }: NonNullable<Received['gap']>, index: number): void {
    const { name, room, position } = client
    const broken = (text: string): void =>
      this.#report('R4', `${name} of ${room} at ${position} was told of a gap (${reason}) that ${text}`, [index])
    const known = position === null || Number.isNaN(seqOf(position)) ? null : position
    if (asked !== known) broken(`begins at ${asked}`)
    const logs = this.#logs.withId(room, id, index)
    if (logs.length === 0) broken(`leads to ${id}, which the log does not hold`)
    else if (logs.every((log) => log.dumpedAt > index && log.floor < seqOf(id)))
      broken(`leads to ${id}, and the log keeps more than that`)
    const misses = reason === 'expired' || reason === 'slow'
    if (misses && known !== null && seqOf(known) >= seqOf(id)) broken(`leads to ${id}, where nothing is missing`)
    if (reason === 'unknown' && known !== null && this.#logs.at(room, index).holds(known))
      broken('asked with an id that the log holds')
    client.position = id
    client.seen.clear()
  }

  #isForeign(room: string, id: string, key: string | null): boolean {
    const rooms = key === null ? undefined : this.#roomsOfKey.get(key)
    if (rooms) return !rooms.has(room)
    return !this.#logs.of(room).some(({ events }) => events.has(id)) && this.#logs.heldElsewhere(room, id)
  }
}

function roomsByKey(entries: readonly Entry[]): Map<string, Set<string>> {
  const rooms = new Map<string, Set<string>>()
  for (const entry of entries) {
    if (entry.type !== 'sent' || entry.key === null) continue
    const known = rooms.get(entry.key) ?? new Set()
    rooms.set(entry.key, known.add(entry.room))
  }
  return rooms
}
