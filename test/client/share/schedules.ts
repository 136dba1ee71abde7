/** Tabs that come, go, sleep, wake and are slow by chance, while somebody publishes: what chance does is in a seed. */
import { expect } from 'vitest'
import { Browser, eventually, RoomOrigin, run, type Tab } from './tabs.ts'

/** Numbers that look like chance and come again with the seed (mulberry32). */
function chanceOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Steps of one schedule, and tabs that may be open at once. */
const STEPS = 60
const TABS = 6

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

export class Schedule {
  readonly #chance: (below: number) => number
  readonly #origin = new RoomOrigin()
  readonly #browser = new Browser()
  /** With the number that each has to begin with, where that is known. */
  readonly #tabs = new Map<Tab, number | undefined>()
  readonly #closed: Tab[] = []

  constructor(seed: number) {
    this.#chance = chanceOf(seed)
  }

  async run(): Promise<void> {
    this.#open()
    await this.#origin.say()
    for (let step = 0; step < STEPS; step++) {
      await this.#step()
      for (let turns = this.#chance(4); turns > 0; turns--) await turn()
    }
    for (const tab of this.#tabs.keys()) {
      tab.channel?.release()
      tab.channel?.lose(0)
      tab.resume()
    }
    // One that has begun before the last message gets it; what was lost last is noticed with the next.
    for (const tab of this.#tabs.keys())
      await eventually(async () => {
        await this.#origin.say()
        return tab.connection.lastEventId
      }).not.toBe('')
    await this.#origin.say()
    for (const [tab, first] of this.#tabs) {
      await eventually(() => tab.numbers.at(-1)).toBe(this.#origin.said)
      this.#check(tab, first)
    }
    await eventually(async () => {
      await this.#origin.say()
      return this.#origin.readers()
    }).toBe(Math.min(this.#tabs.size, 1))
    await this.#browser.close()
    for (const [tab, first] of this.#tabs) this.#check(tab, first)
    for (const tab of this.#closed) this.#check(tab)
  }

  async #step(): Promise<void> {
    const tab = [...this.#tabs.keys()][this.#chance(this.#tabs.size)]
    const does = [
      () => this.#origin.say(1 + this.#chance(4)),
      () => this.#origin.say(1, 'x'.repeat(this.#chance(200_000))),
      () => this.#open(),
      () => tab && this.#close(tab),
      () => tab?.pause(),
      () => tab?.resume(),
      () => tab?.channel?.hold(),
      () => tab?.channel?.release(),
      () => tab?.channel?.lose(1),
      () => this.#chance(3) === 0 && this.#origin.cut(),
    ]
    await does[this.#chance(does.length)]?.()
  }

  #open(): void {
    if (this.#tabs.size === TABS) return
    const before = this.#closed[this.#chance(this.#closed.length || 1)]
    const lastEventId = before?.connection.lastEventId
    const isPaused = this.#chance(3) === 0
    const how = this.#chance(3)
    const at = Number.parseInt(lastEventId ?? '', 10)
    if (how === 1 && lastEventId) this.#tabs.set(this.#browser.open(this.#origin, { lastEventId, isPaused }), at + 1)
    else if (how === 2) this.#tabs.set(this.#browser.open(this.#origin, { search: '?from=start', isPaused }), 1)
    else this.#tabs.set(this.#browser.open(this.#origin, { isPaused }), undefined)
  }

  async #close(tab: Tab): Promise<void> {
    this.#tabs.delete(tab)
    this.#closed.push(tab)
    tab.resume()
    if (this.#chance(2)) await tab.connection.close()
    else void tab.connection.close()
  }

  /** All from its first on, and no more than that. */
  #check({ numbers, connection }: Tab, first: number | undefined = Number(numbers[0])): void {
    if (numbers.length === 0) return
    expect(numbers).toEqual(run(first, Number(numbers.at(-1))))
    expect(Number.parseInt(connection.lastEventId, 10)).toBe(numbers.at(-1))
  }
}
