/** Six tabs of one browser that read a room of the real Worker over one connection, while somebody talks without a pause. */
import { buildSync } from 'esbuild'
import { beforeAll, describe, expect, it } from 'vitest'
import { publish } from './room-visit.ts'
import { eventually, type Visitor, visitors } from './visitors.ts'

const { visit, url } = visitors()
let script = ''

beforeAll(() => {
  const entryPoints = ['test/browser/share-page.ts']
  const { outputFiles } = buildSync({ entryPoints, bundle: true, format: 'iife', target: 'es2022', write: false })
  script = outputFiles[0]?.text ?? ''
})

/** A tab that reads a room: in the browser of another, or in one of its own. */
async function openTab(room: string, beside?: Visitor, { search = '', lastEventId = '' } = {}): Promise<Visitor> {
  const tab = await visit('/demo/download', beside && { beside })
  await tab.page.evaluate(script)
  await tab.page.evaluate(
    ([path = '', name = '', lastEventId = '']) => globalThis.sharePage.open(path, { name, lastEventId }),
    [`/rooms/${room}/events${search}`, room, lastEventId],
  )
  return tab
}

const told = ({ page }: Visitor): Promise<(number | string)[]> => page.evaluate(() => globalThis.sharePage.told())

const leads = ({ page }: Visitor): Promise<boolean> => page.evaluate(() => globalThis.sharePage.leads())

const count = async (tab: Visitor): Promise<number> => (await told(tab)).length

async function readers(room: string): Promise<number | undefined> {
  const answer = await fetch(`${url()}/rooms/${room}`)
  return answer.ok ? ((await answer.json()) as { subscribers: number }).subscribers : undefined
}

const run = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, n) => first + n)

/** Exactly the numbers from its first to a last one. */
async function expectAllUpTo(tab: Visitor, last: number): Promise<number> {
  await eventually(async () => (await told(tab)).at(-1)).toBe(last)
  const numbers = await told(tab)
  const first = Number(numbers[0])
  expect(numbers).toEqual(run(first, last))
  return first
}

/** Somebody who publishes one message after the other, until told to stop; resolves with the number of the last. */
function talkative(room: string): { stop(): Promise<number> } {
  let isDone = false
  const talk = async (): Promise<number> => {
    let last = 0
    while (!isDone) last = Number.parseInt(await publish(url(), room, { data: 'on and on' }), 10)
    return last
  }
  const talking = talk()
  return {
    stop() {
      isDone = true
      return talking
    },
  }
}

describe('share in six tabs', () => {
  it('has one connection, however often the tab that leads is closed, and every tab gets every message once', async () => {
    const room = 'six'
    await publish(url(), room, { data: 'the first' })
    const tabs = [await openTab(room)]
    while (tabs.length < 6) tabs.push(await openTab(room, tabs[0]))
    await eventually(() => readers(room)).toBe(1)
    const somebody = talkative(room)
    for (const tab of tabs) await eventually(() => count(tab)).toBeGreaterThan(0)

    for (let round = 1; round <= 10; round++) {
      let leader: Visitor | undefined
      await eventually(async () => {
        for (const tab of tabs) if (await leads(tab)) leader = tab
        return leader !== undefined
      }).toBe(true)
      await leader?.page.close()
      tabs.splice(tabs.indexOf(leader as Visitor), 1)
      tabs.push(await openTab(room, tabs[0]))
      const before = await Promise.all(tabs.map(count))
      for (const [at, tab] of tabs.entries()) await eventually(() => count(tab)).toBeGreaterThan(before[at] as number)
      await eventually(() => readers(room)).toBe(1)
    }

    const last = await somebody.stop()
    for (const tab of tabs) expect(await expectAllUpTo(tab, last)).toBeLessThan(last)
    expect(await readers(room)).toBe(1)
  })

  it('goes on in another tab while the one that leads hangs, and misses nothing in either', async () => {
    const room = 'hangs'
    const leader = await openTab(room)
    await eventually(() => leads(leader)).toBe(true)
    const other = await openTab(room, leader)
    await publish(url(), room, { data: 1 })
    for (const tab of [leader, other]) await eventually(() => told(tab)).toEqual([1])

    const debug = await leader.context.newCDPSession(leader.page)
    await debug.send('Debugger.enable')
    const paused = new Promise((resolve) => debug.once('Debugger.paused', resolve))
    await debug.send('Debugger.pause')
    // Nothing runs there from the next script on.
    void debug.send('Runtime.evaluate', { expression: '0' }).catch(() => {})
    await paused
    expect(await other.page.evaluate(() => document.visibilityState)).toBe('visible')
    await publish(url(), room, { data: 2 })
    await eventually(() => told(other)).toEqual([1, 2])
    await debug.send('Debugger.resume')
    await publish(url(), room, { data: 3 })
    for (const tab of [leader, other]) await eventually(() => told(tab)).toEqual([1, 2, 3])
    await eventually(() => readers(room)).toBe(1)
    expect(await leads(other)).toBe(true)
  })

  it('gives a new tab the whole history, or what is after a cursor, and then it stays with the others', async () => {
    const room = 'history'
    for (let n = 1; n <= 300; n++) await publish(url(), room, { data: n })
    const tabs = [await openTab(room)]
    while (tabs.length < 5) tabs.push(await openTab(room, tabs[0]))
    await eventually(() => readers(room)).toBe(1)
    const cursor = await publish(url(), room, { data: 301 })
    for (const tab of tabs) await eventually(() => told(tab)).toEqual([301])

    const late = await openTab(room, tabs[0], { search: '?from=start' })
    await eventually(() => told(late)).toEqual(run(1, 301))
    const reloaded = await openTab(room, tabs[0], { lastEventId: cursor })
    await publish(url(), room, { data: 302 })
    const resumed = await openTab(room, tabs[0], { lastEventId: cursor })
    for (let n = 303; n <= 320; n++) await publish(url(), room, { data: n })
    expect(await expectAllUpTo(late, 320)).toBe(1)
    for (const tab of [reloaded, resumed]) expect(await expectAllUpTo(tab, 320)).toBe(302)
    for (const tab of tabs) expect(await expectAllUpTo(tab, 320)).toBe(301)
    await eventually(() => readers(room)).toBe(1)
  })
})
