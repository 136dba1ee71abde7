/** Tabs that share: their state, and closing them. */
import { describe, expect, it } from 'vitest'
import type { StandardSchema } from '../../../src/client/standard-schema.ts'
import {
  eventually,
  expectAll,
  oneBrowser,
  quickly,
  RoomOrigin,
  ScriptedOrigin,
  streamOf,
  Tab,
  wordsOf,
} from './tabs.ts'

/** Registers the tests. */
export function closeSuite(): void {
  const browser = oneBrowser()

  describe('state', () => {
    it('is told when it has changed, not whenever a tab asks for it', async () => {
      const origin = new RoomOrigin()
      const tabs = (await browser.openLive(origin, 2)) as [Tab, Tab]
      const before = tabs.map(({ states }) => [...states])
      const said = wordsOf(browser.lock)
      const channel = new BroadcastChannel(browser.lock)
      channel.postMessage({ hello: true })
      await eventually(() => said).toEqual(['hello', 'state'])
      channel.close()
      await origin.say(1)
      await expectAll(
        origin,
        tabs.map((tab) => [tab, [1]]),
      )
      expect(tabs.map(({ states }) => states)).toEqual(before)
    })

    it('is that of the one that reads, in every tab', async () => {
      const controllers: ReadableStreamDefaultController<Uint8Array>[] = []
      const origin = new ScriptedOrigin((_, dial) => {
        if (dial === 2) return new Response('busy', { status: 503 })
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => {
            controllers.push(controller)
            controller.enqueue(new TextEncoder().encode(`id: ${dial}\ndata: ${dial}\n\n`))
          },
        })
        return streamOf(body)
      })
      quickly()
      const [leader, other] = (await browser.openLive(origin as never, 2)) as [Tab, Tab]
      await eventually(() => leader.numbers).toEqual([1])
      controllers[0]?.close()
      await eventually(() => other.numbers.at(-1)).toBe(3)
      const phases = (tab: Tab): string[] =>
        tab.states.map(({ phase, attempt, retryAt, error }) =>
          [phase, attempt, retryAt === undefined ? '' : 'waits', error === undefined ? '' : String(error)]
            .join(' ')
            .trim(),
        )
      const refused = 'SseError: Cannot read: its status is 503'
      const after = ['resuming 1 waits', 'resuming 1', `resuming 2 waits ${refused}`, 'resuming 2', 'live 2', 'live 0']
      await eventually(() => phases(leader).slice(-6)).toEqual(after)
      await eventually(() => phases(other).slice(-6)).toEqual(after)
      await leader.connection.close()
      expect(leader.states.at(-1)).toEqual({ phase: 'closed', attempt: 0 })
      // Who leads anew goes on with the same stream.
      await eventually(() => phases(other).slice(6).join()).toMatch(/resuming 0,live 0$/)
    })
  })

  describe('close', () => {
    it('before the first message is asked for leaves nothing to read', async () => {
      const origin = new RoomOrigin()
      const tab = browser.open(origin)
      const { connection } = browser.open(origin)
      await connection.close()
      expect(connection.state.phase).toBe('closed')
      await eventually(() => browser.tabs[1]?.ending).toBe('end')
      await eventually(() => tab.connection.state.phase).toBe('live')
    })

    it('of a tab that has not begun ends its iteration at once', async () => {
      const origin = new RoomOrigin()
      const tab = new Tab(origin, { name: browser.name })
      await tab.connection.close()
      await tab.read()
      expect(tab.ending).toBe('end')
      const { connection } = new Tab(origin, { name: browser.name })
      await connection[Symbol.asyncIterator]().return?.()
      expect(connection.state.phase).toBe('closed')
      expect(origin.dials).toBe(0)
    })

    it('and a signal that has aborted end a tab wherever it is', async () => {
      const origin = new RoomOrigin()
      const controller = new AbortController()
      const tab = browser.open(origin, { signal: controller.signal })
      await eventually(() => tab.connection.state.phase).toBe('live')
      controller.abort()
      await eventually(() => tab.ending).toBe('end')
      const late = browser.open(origin, { signal: controller.signal })
      await eventually(() => late.ending).toBe('end')
      await eventually(() => origin.readers()).toBe(0)
      expect(origin.dials).toBe(1)
    })

    it('while a tab reads on its own closes that connection', async () => {
      const origin = new RoomOrigin()
      await browser.openLive(origin, 1)
      await origin.say(300)
      const tab = browser.open(origin, { search: '?from=start', isPaused: true })
      await eventually(() => origin.readers()).toBe(2)
      await eventually(() => tab.numbers).toEqual([1])
      tab.resume()
      await tab.connection.close()
      await eventually(() => origin.readers()).toBe(1)
      expect(tab.ending).toBe('end')
    })

    it('ends a tab that waits when its iterator is told to return, as a stream made of it does on cancel', async () => {
      const origin = new RoomOrigin()
      const { connection } = new Tab(origin, { name: browser.name })
      const iterator = connection[Symbol.asyncIterator]()
      let event = ''
      while (event !== 'stream.live') event = (await iterator.next()).value?.event ?? ''
      const waits = (async () => {
        for (let { done } = await iterator.next(); !done; { done } = await iterator.next());
        return 'over'
      })()
      await iterator.return?.()
      expect(await waits).toBe('over')
      expect([connection.state.phase, await origin.readers()]).toEqual(['closed', 0])
    })

    it('ends a tab whose validator never resolves, be it told the message or reading it on its own', async () => {
      const origin = new RoomOrigin()
      const [leader] = (await browser.openLive(origin, 1)) as [Tab]
      await origin.say(1)
      await eventually(() => leader.numbers).toEqual([1])
      let asked = 0
      const validate = (): Promise<never> => {
        asked++
        return new Promise(() => {})
      }
      const never: StandardSchema<unknown> = { '~standard': { version: 1, vendor: 'test', validate } }
      const schemas = { message: never } as never
      const own = browser.open(origin, { search: '?from=start', schemas })
      const told = browser.open(origin, { schemas })
      await eventually(() => asked).toBe(1)
      await eventually(() => told.connection.state.phase).toBe('live')
      await origin.say(1)
      await eventually(() => asked).toBe(2)
      for (const tab of [own, told]) {
        await tab.connection.close()
        expect([tab.ending, tab.connection.state]).toEqual(['end', { phase: 'closed', attempt: 0 }])
      }
      await eventually(() => origin.readers()).toBe(1)
    })

    it('resolves when the turn is free, and nothing is open any more', async () => {
      const origin = new RoomOrigin()
      const [tab] = (await browser.openLive(origin, 1)) as [Tab]
      await tab.connection.close()
      const { held = [], pending = [] } = await navigator.locks.query()
      expect([...held, ...pending].filter(({ name }) => name === browser.lock)).toEqual([])
      expect(await origin.readers()).toBe(0)
    })

    it('is what an `onState` that throws does, with that error, in its tab alone', async () => {
      const origin = new RoomOrigin()
      const leader = browser.open(origin, {
        onState: ({ phase }) => {
          if (phase === 'live') throw new RangeError('mine')
        },
      })
      const other = browser.open(origin)
      await eventually(() => leader.ending).toBeInstanceOf(RangeError)
      await eventually(() => other.connection.state.phase).toBe('live')
      await origin.say(1)
      await expectAll(origin, [[other, [1]]])
    })

    it('is that also of a tab that reads on its own, which the others may never meet', async () => {
      let left = 0
      const origin = new ScriptedOrigin((_, dial) =>
        streamOf(
          new ReadableStream<Uint8Array>({
            start: (controller) =>
              controller.enqueue(new TextEncoder().encode(dial === 1 ? ': none\n\n' : 'id: 6\ndata: 6\n\n')),
            cancel: () => void left++,
          }),
        ),
      )
      const leader = browser.open(origin)
      await eventually(() => leader.connection.state.phase).toBe('live')
      let isToThrow = false
      const other = browser.open(origin, {
        lastEventId: '5',
        onState: () => {
          if (isToThrow) throw new RangeError('mine')
        },
      })
      await eventually(() => other.numbers).toEqual([6])
      isToThrow = true
      const channel = new BroadcastChannel(browser.lock)
      channel.postMessage({ state: { phase: 'resuming', attempt: 1 } })
      await eventually(() => other.ending).toBeInstanceOf(RangeError)
      channel.close()
      expect([other.connection.state.phase, left, leader.ending]).toEqual(['closed', 1, undefined])
    })
  })
}
