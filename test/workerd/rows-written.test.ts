/** What a room costs its object: rows that are written are what is billed. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { durableRooms } from '../../src/rooms/durable-rooms.ts'
import type { Room } from '../../src/rooms/room.ts'

it('writes one row for an event and one for its key, and few for a new room, its tables included', async () => {
  const name = `rows-${crypto.randomUUID()}`
  const room = durableRooms(env.ROOMS).get(name)
  const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = []
  await runInDurableObject(env.ROOMS.getByName(name), (_, { storage: { sql } }) => {
    const exec = sql.exec.bind(sql)
    sql.exec = ((text: string, ...values: unknown[]) => {
      const cursor = exec(text, ...values)
      cursors.push(cursor)
      return cursor
    }) as typeof sql.exec
  })
  const written = async (use: (room: Room) => Promise<unknown>): Promise<number> => {
    cursors.length = 0
    await use(room)
    return cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0)
  }
  const first = await written((room) => room.publish({ data: 1 }))
  expect({
    first,
    publish: await written((room) => room.publish({ data: 2 })),
    keyed: await written((room) => room.publish({ data: 3 }, { key: 'k' })),
    again: await written((room) => room.publish({ data: 3 }, { key: 'k' })),
    batch: await written((room) => room.publishAll([{ data: 4 }, { data: 5 }])),
    read: await written((room) => Array.fromAsync(room.read({ live: false }))),
    purge: await written((room) => room.purge()),
  }).toEqual({ first: 10, publish: 1, keyed: 2, again: 0, batch: 1, read: 0, purge: 5 })
})
