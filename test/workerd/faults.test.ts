/** An object that goes away under traffic, near and far: put to sleep, or restarted, again and again (G9). */
import { abortAllDurableObjects, evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { durableBackends } from '../../src/rooms/durable-rooms.ts'
import { makeRoom } from '../../src/rooms/make-room.ts'
import { delayed } from '../rooms/delayed.ts'
import { PATIENT, Traffic } from '../rooms/traffic.ts'

const READERS = 12
const PUBLISHERS = 4
const ROUNDS = 6
const backends = durableBackends(env.ROOMS)
let traffic: Traffic | undefined

afterEach(async () => {
  vi.restoreAllMocks()
  await traffic?.leave()
})

describe.each([0, 25, 60])('an object %i ms away', (latency) => {
  /** Objects that were there, one after the other. */
  const born = new Set<object>()
  const begin = async (): Promise<{ name: string; traffic: Traffic }> => {
    born.clear()
    const name = `faulty-${crypto.randomUUID()}`
    traffic = new Traffic(makeRoom(name, delayed(backends(name), latency)))
    await Promise.all(Array.from({ length: READERS }, () => traffic?.join()))
    return { name, traffic }
  }
  const look = (name: string): Promise<void> =>
    runInDurableObject(env.ROOMS.getByName(name), (instance) => void born.add(instance))

  it('ends no stream, loses nothing and repeats nothing when it is put to sleep, with its sockets or without', async () => {
    const { name, traffic } = await begin()
    for (let round = 0; round < ROUNDS; round++) {
      // At the same time: the eviction waits for what it finds under way, and the rest comes to another object.
      const publishing = Array.from({ length: PUBLISHERS }, (_, n) => traffic.publish(`${n} in round ${round}`, 2))
      await look(name)
      const webSockets = round % 2 === 0 ? 'hibernate' : 'close'
      await Promise.all([evictDurableObject(env.ROOMS.getByName(name), { webSockets }), ...publishing])
      await traffic.arrive() // Each time: sockets that are closed next would hide that one was forgotten.
    }
    expect(born.size).toBe(ROUNDS)
    await traffic.settle()
    expect(traffic.ids).toHaveLength(ROUNDS * PUBLISHERS * 2)
  })

  it('ends no stream, loses nothing and repeats nothing when it is aborted', async () => {
    const { name, traffic } = await begin()
    const publishing = Array.from({ length: PUBLISHERS }, (_, n) => traffic.publish(`${n}`, ROUNDS * 2))
    for (let part = 1; part <= 4; part++) {
      const most = (part * PUBLISHERS * ROUNDS * 2) / 5
      await vi.waitFor(() => expect(traffic.ids.length).toBeGreaterThan(most), PATIENT)
      await look(name)
      await Promise.all([abortAllDurableObjects(), traffic.join(), traffic.join('0')]) // Some come just now.
    }
    await Promise.all(publishing)
    expect(born.size).toBe(4)
    await traffic.settle()
  })
})

describe('an object that is put to sleep in the middle of a fan-out', () => {
  it('has sent everything first', async () => {
    // The event loop turns when we say so: what is published until then waits to be sent.
    let turned = false
    const { scheduler } = globalThis as unknown as { scheduler: { wait(milliseconds: number): Promise<void> } }
    const wait = scheduler.wait.bind(scheduler)
    vi.spyOn(scheduler, 'wait').mockImplementation(async () => {
      do await wait(1)
      while (!turned)
    })
    const name = `faulty-${crypto.randomUUID()}`
    traffic = new Traffic(makeRoom(name, backends(name)))
    await Promise.all([traffic.join(), traffic.join('0')])
    await traffic.publish('first', 1) // Goes out at once, and begins the turn.
    let answered = false
    const publishing = traffic.publish('second', 1).then(() => {
      answered = true
    })
    await vi.waitFor(
      async () => expect(await makeRoom(name, backends(name)).info()).toMatchObject({ count: 2 }),
      PATIENT,
    )
    expect(answered).toBe(false)
    const evicted = evictDurableObject(env.ROOMS.getByName(name))
    turned = true
    await Promise.all([publishing, evicted])
    await traffic.settle()
  })
})
