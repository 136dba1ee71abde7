/** A server that is asked for what it has to refuse, with a publisher and a reader beside it who must not notice. */
import { expect } from 'vitest'
import type { Published } from '../../src/rooms/room.ts'
import { EventReader, seqOf } from './event-reader.ts'
import { launch, type Server } from './launch.ts'
import { exchange, type RawResponse } from './raw-socket.ts'
import { CANARY, expectRefusal, isRefusedByRuntime, type Refusal, toLogEntry } from './refusal.ts'
import { history, info, publish, range } from './room-client.ts'

/** The room of those who must not notice. */
const BESIDE = 'beside'

export const eventsOf = (room: string): string => `/rooms/${room}/events`

export class RefusingServer {
  readonly url: string
  readonly port: number
  readonly #server: Server
  /** What lets the publisher and the reader in. */
  readonly #headers: Record<string, string>
  readonly #reader: EventReader
  readonly #published: Published[] = []
  readonly #publishing: Promise<void>
  /** Resolves with the next event that is published there. */
  #next = Promise.withResolvers<void>()
  #stopped = false
  /** The lines that the log has to hold, as `toLogEntry` gives them. */
  readonly #due: string[] = []
  /** Rooms of which one event is all, by its id. */
  readonly #rooms = new Map<string, string>()

  readonly #possible = new Set<string>()

  private constructor(server: Server, reader: EventReader, headers: Record<string, string>) {
    this.url = server.url
    this.port = server.port
    this.#server = server
    this.#reader = reader
    this.#headers = headers
    this.#publishing = this.#publish()
  }

  /** Open to everyone unless `vars` say otherwise; then `headers` let in. */
  static async launch(vars?: Record<string, string>, headers: Record<string, string> = {}): Promise<RefusingServer> {
    return RefusingServer.at(await launch(vars), headers)
  }

  /** One that runs, with a publisher and a reader whom `headers` let in. */
  static async at(server: Server, headers: Record<string, string> = {}): Promise<RefusingServer> {
    const reader = await EventReader.open(server.port, `${eventsOf(BESIDE)}?from=start`, headers)
    return new RefusingServer(server, reader, headers)
  }

  async close(): Promise<void> {
    this.#stopped = true
    await this.#publishing.catch(() => {}) // Whoever asked for it has heard of it.
    await this.#server.close()
  }

  send(bytes: Uint8Array): Promise<RawResponse> {
    return exchange(this.port, bytes)
  }

  /** Sends a request that has to be refused, and looks at all that holds for every refusal; gives the answer. */
  async refuse(bytes: Uint8Array, refusal: Refusal, path: string): Promise<RawResponse> {
    const response = await this.send(bytes)
    if (isRefusedByRuntime(response, Buffer.from(bytes).toString('latin1').split('\r\n\r\n')[0] ?? '')) {
      expect(response.status).toBe(400)
      return response // No handler ran, and none has logged.
    }
    expectRefusal(response, refusal, Buffer.from(bytes.subarray(0, 4)).toString() === 'HEAD')
    await this.logs(refusal, path)
    return response
  }

  /** The same in a room where one event stands, which is then still all, and where others publish and read. */
  async refuseIn(
    room: string,
    bytes: (room: string) => Uint8Array,
    refusal: Refusal,
    path: (room: string) => string = eventsOf,
  ): Promise<RawResponse> {
    await this.makeRoom(room)
    const response = await this.refuse(bytes(room), refusal, path(room))
    await this.expectUnchanged(room)
    await this.refuse(bytes(BESIDE), refusal, path(BESIDE))
    await this.#next.promise // Others go on publishing there, and would see a change.
    return response
  }

  /** Resolves when the log says so, so many times more than before. */
  logs({ status, slug }: Refusal, path: string, times = 1): Promise<void> {
    return this.#logs(`${status} ${slug} ${path}`, times)
  }

  /** The same of work that failed: it is told where it was done, once, whoever had asked for it. */
  logsFailure(code: string): Promise<void> {
    return this.#logs(`error ${code}`)
  }

  async #logs(entry: string, times = 1): Promise<void> {
    this.#due.push(...Array<string>(times).fill(entry))
    await expect
      .poll(() => count(this.#logged(), entry), { interval: 2, timeout: 10_000 })
      .toBe(count(this.#due, entry))
  }

  /** The log may say so: whether it does depends on what came first. */
  mayLog({ status, slug }: Refusal, path: string): void {
    this.#possible.add(`${status} ${slug} ${path}`)
  }

  /** A room with one event. */
  async makeRoom(room: string): Promise<void> {
    if (!this.#rooms.has(room))
      this.#rooms.set(room, (await publish(this.url, room, 'what stands', { headers: this.#headers })).id)
  }

  /** What `makeRoom` has published is all there is. */
  async expectUnchanged(room: string): Promise<void> {
    const id = this.#rooms.get(room)
    expect({ room, newest: (await info(this.url, room, this.#headers))?.newest }).toEqual({ room, newest: id })
    expect((await history(this.url, room, '', this.#headers)).map(({ id }) => id)).toEqual([id])
  }

  /** Nothing of what was refused has come after all. */
  async expectAllUnchanged(): Promise<void> {
    for (const room of this.#rooms.keys()) await this.expectUnchanged(room)
  }

  /** The publisher and the reader beside all this have lost and repeated nothing. The publisher stops for it. */
  async expectNobodyNoticed(): Promise<void> {
    this.#stopped = true
    await this.#publishing
    const reader = this.#reader
    const published = this.#published
    expect(published.length).toBeGreaterThan(0)
    await reader.untilId(published.at(-1)?.id as string)
    expect(reader.ids).toEqual(published.map(({ id }) => id))
    expect(reader.ids.map(seqOf)).toEqual(range(1, published.length))
    expect(reader.published.map(({ data }) => JSON.parse(data).n)).toEqual(range(1, published.length))
    expect(reader.named('stream.live')).toHaveLength(1)
    expect(reader.named('stream.gap')).toEqual([])
    expect(reader.ended).toBeUndefined()
    reader.cut('fin')
  }

  /** The log has one line of JSON for each refusal, and none for anything else. */
  expectOneLineEach(): void {
    const logged = this.#logged().filter((entry) => !this.#possible.has(entry))
    expect(logged.toSorted()).toEqual(this.#due.toSorted())
    for (const line of this.#server.logs) expect(line).not.toMatch(new RegExp(`[\\r\\n]|${CANARY}|eyJ`))
  }

  #logged(): string[] {
    return this.#server.logs.map(toLogEntry)
  }

  async #publish(): Promise<void> {
    while (!this.#stopped) {
      this.#published.push(
        await publish(this.url, BESIDE, { n: this.#published.length + 1 }, { headers: this.#headers }),
      )
      this.#next.resolve()
      this.#next = Promise.withResolvers<void>()
      await new Promise((resolve) => setTimeout(resolve, 4)) // Leaves the processor to the others.
    }
  }
}

const count = (list: string[], entry: string): number => list.filter((other) => other === entry).length
