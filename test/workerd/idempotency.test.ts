/** A publish whose object dies between storing and answering: with a key it happens once, whatever was stored. */
import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it } from 'vitest'
import { durableRooms } from '../../src/rooms/durable-rooms.ts'
import { assertSound, History } from '../checker/checker.ts'
import { StreamReader } from '../rooms/stream-reader.ts'

const rooms = durableRooms(env.ROOMS)
const open: StreamReader[] = []

/** The object dies right after its next commit: before what it stored is safe, or when it may be. */
const dieAfterCommit = (name: string, when: 'at once' | 'in the next turn'): Promise<void> =>
  runInDurableObject(env.ROOMS.getByName(name), (_, state) => {
    const { transactionSync } = state.storage
    state.storage.transactionSync = (work) => {
      state.storage.transactionSync = transactionSync
      const result = transactionSync.call(state.storage, work)
      if (when === 'at once') state.abort('killed')
      else setTimeout(() => state.abort('killed'), 0)
      return result as never
    }
  })

afterEach(async () => {
  await Promise.all(open.splice(0).map((reader) => reader.leave()))
})

describe('a publish whose object dies after it stored it', () => {
  it.each(['at once', 'in the next turn'] as const)('%s, is there exactly once when it was answered', async (when) => {
    const name = `killed-${crypto.randomUUID()}`
    const room = rooms.get(name)
    const history = new History()
    const publish = async (n: number): Promise<string> => {
      const messages = n % 3 === 0 ? [{ data: `${n} a` }, { data: `${n} b` }] : [{ data: `${n}` }]
      // The room has its own retries; when they are used up, the publisher tries again as a client would.
      for (;;) {
        const record = history.sent({ room: name, key: `k${n}`, messages })
        try {
          const published = await room.publishAll(messages, { key: `k${n}` })
          record.acknowledged(
            published.map(({ id }) => id),
            published[0]?.duplicate,
          )
          return published.at(-1)?.id as string
        } catch (error) {
          record.failed(error)
        }
      }
    }
    await publish(0)
    const connection = history.connected(name, 'reader', '0')
    const reader = new StreamReader(
      await room.subscribe(new Request('http://localhost/', { headers: { 'last-event-id': '0' } })),
    )
    open.push(reader)
    let newest = ''
    for (let n = 1; n <= 12; n++) {
      await dieAfterCommit(name, when)
      newest = await publish(n)
    }
    for (const message of await reader.until(({ id, event }) => id === newest && event === undefined))
      connection.received(message)
    history.dumped(name, await Array.fromAsync(room.read({ after: '0', live: false })), { rest: true })
    assertSound(history)
    expect(await room.info()).toMatchObject({ count: 18 })
    // What a retry answers is what the first time stored, also after another restart.
    await abortAllDurableObjects()
    expect(await room.publish({ data: '11' }, { key: 'k11' })).toMatchObject({ duplicate: true })
    expect(await room.info()).toMatchObject({ count: 18 })
  })
})
