/** A browser that knows whether it has a network: https://html.spec.whatwg.org/multipage/system-state.html#navigator.online */
import { connect } from '../../../src/client.ts'
import { same, until } from '../assert.ts'
import { NOW, withClock } from '../clock.ts'
import type { ConnectCase } from '../connect-case.ts'
import { all } from '../reading.ts'
import { Scripted } from '../scripted.ts'

/** Workers' types know of no such event. */
const page = globalThis as unknown as EventTarget

/** While `work` runs, the platform says that it is offline, where it has a place to say so. */
async function offline(work: () => Promise<void>): Promise<void> {
  const { navigator } = globalThis as unknown as { navigator: object }
  const before = Object.getOwnPropertyDescriptor(navigator, 'onLine')
  Object.defineProperty(navigator, 'onLine', { value: false, configurable: true })
  try {
    await work()
  } finally {
    Reflect.deleteProperty(navigator, 'onLine')
    if (before) Object.defineProperty(navigator, 'onLine', before)
  }
}

export const network: ConnectCase[] = [
  {
    name: 'waits its longest while there is no network, and dials as soon as it is back',
    async run({ server, platform }) {
      if (!platform.flags.knowsNetwork) {
        same('onLine' in ((globalThis as { navigator?: object }).navigator ?? {}), false)
        return
      }
      const script = await Scripted.play(server, { status: 503, headers: {} }, { body: ['data: one\n\n'] })
      await withClock(0, async (clock) => {
        await offline(async () => {
          const connection = connect(script.url, { minDelay: 1_000 })
          const data = all(connection)
          await until(() => connection.state.retryAt !== undefined, 'it waits')
          same([connection.state.retryAt, clock.running(30_000)], [NOW + 30_000, 1])
          page.dispatchEvent(new Event('online'))
          await script.requests(2)
          await clock.fire(30_000)
          same([await data, clock.running(30_000)], [['one'], 0])
        })
      })
    },
  },
  {
    name: 'waits a day while there is no network, where it may wait for ever: no timer does',
    async run({ server, platform }) {
      if (!platform.flags.knowsNetwork) return
      const script = await Scripted.play(server, { status: 503, headers: {} }, { body: ['data: one\n\n'] })
      await withClock(0, async (clock) => {
        await offline(async () => {
          const connection = connect(script.url, { maxDelay: Number.POSITIVE_INFINITY })
          const data = all(connection)
          await until(() => connection.state.retryAt !== undefined, 'it waits')
          same([connection.state.retryAt, clock.running(86_400_000)], [NOW + 86_400_000, 1])
          page.dispatchEvent(new Event('online'))
          await script.requests(2)
          await connection.close()
          await data
        })
      })
    },
  },
  {
    name: 'waits as long as the server asked for, though the network comes and goes',
    async run({ server, platform }) {
      const script = await Scripted.play(
        server,
        { status: 429, headers: { 'retry-after': '60' } },
        { body: ['data: one\n\n'] },
      )
      await withClock(0, async (clock) => {
        const connection = connect(script.url)
        const data = all(connection)
        await until(() => clock.running(60_000) === 1, 'it waits')
        if (platform.flags.knowsNetwork) page.dispatchEvent(new Event('online'))
        // What it would have done is done when that was answered.
        same([(await script.requests(1)).length, clock.running(60_000)], [1, 1])
        await clock.fire(60_000)
        await clock.fire(500)
        same([await data, (await script.requests(0)).length], [['one'], 3])
      })
    },
  },
]
