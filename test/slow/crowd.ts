/** Thousands of native readers in one room of a server, and one publisher that goes on whatever happens to them. */
import { History } from '../checker/checker.ts'
import { expectSound } from '../checker/expect-sound.ts'
import { publish, range } from '../e2e/room-client.ts'
import type { ServerProcess } from '../serve-process.ts'
import { NativeReader } from './native-reader.ts'
import { readLog } from './read-log.ts'
import { StubbornPublisher } from './stubborn-publisher.ts'
import { until } from './until.ts'

/** Milliseconds between two events at most: each is thousands of deliveries. */
const PAUSE = 1_000
/** How many come together at first. */
const PARTY = 100
/** Milliseconds for all of them to be where they should be. */
const PATIENCE = 180_000

export class Crowd {
  readonly history: History = new History()
  readonly readers: NativeReader[] = []
  readonly publisher: StubbornPublisher
  readonly #url: string

  private constructor(url: string) {
    this.#url = url
    this.publisher = new StubbornPublisher(url, 'x', 'p', this.history, PAUSE)
  }

  /** In a room that has begun, or their first cursor would be one of no log. */
  static async gather({ url }: ServerProcess): Promise<Crowd> {
    const crowd = new Crowd(url)
    const record = crowd.history.sent({ room: 'x', messages: [{ data: 'first' }] })
    const { id } = await publish(url, 'x', 'first')
    record.acknowledged([id])
    return crowd
  }

  /** They come on a few at a time: a queue of connections is not what is looked at here. */
  async come(count: number): Promise<void> {
    for (const n of range(1, count)) {
      this.readers.push(new NativeReader(this.#url, 'x', `reader ${n}`, this.history))
      if (n % PARTY === 0) await this.every('to be answered', (reader) => reader.connections > 0)
    }
  }

  get live(): number {
    return this.readers.filter(({ live }) => live).length
  }

  /** Resolves when that is so of every reader. Throws as soon as one was told what it never comes back from. */
  every(what: string, is: (reader: NativeReader) => boolean, among: NativeReader[] = this.readers): Promise<void> {
    const waiting = (): NativeReader[] => among.filter((reader) => !is(reader))
    const those = (): string =>
      `${waiting().length} of ${among.length} ${what}, one stands at ${waiting()[0]?.position}`
    const all = (): boolean => {
      const stranded = this.readers.filter((reader) => reader.stranded !== undefined)
      if (stranded.length > 0)
        throw new Error(`${stranded.length} readers will never come back: one was answered ${stranded[0]?.stranded}`)
      return among.every(is)
    }
    return until(those, all, PATIENCE)
  }

  /** The publisher is acknowledged that many more. */
  async publishes(times: number): Promise<void> {
    const before = this.publisher.acknowledged
    await until('the publisher to get on', () => this.publisher.acknowledged >= before + times)
  }

  /** The publisher stops, all who are here read to the end, and everything so far is looked at. It goes on then. */
  async rest(title: string, here: NativeReader[] = this.readers): Promise<void> {
    await this.publisher.stop()
    const log = await readLog(this.#url, 'x')
    const head = log.at(-1)?.id
    await this.every(`to be at ${head}`, ({ live, position }) => live && position === head, here)
    this.history.dumped('x', log, { rest: true })
    expectSound(this.history, title)
    this.publisher.start()
  }

  async close(): Promise<void> {
    await this.publisher.giveUp()
    for (const reader of this.readers) reader.leave()
  }
}
