import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe } from 'vitest'
import { durableBackends } from '../../src/rooms/durable-rooms.ts'
import { LARGE } from '../rooms/contract.ts'
import { BUDGET, lagSuite } from '../rooms/lag.ts'

describe.each([0, 25])('durable rooms, %i ms away', (latency) => {
  const small = durableBackends(env.SMALL_ROOMS, { budget: BUDGET })
  const large = durableBackends(env.ROOMS, { budget: BUDGET })
  lagSuite(
    {
      backendOf: (name) => (name.startsWith(LARGE) ? large : small)(name),
      sleep: (name) => evictDurableObject(env.ROOMS.getByName(name)),
    },
    latency,
  )
})
