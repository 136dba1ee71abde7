import { reset, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe } from 'vitest'
import { durableBackends } from '../../src/rooms/durable-rooms.ts'
import { LARGE, LIMITED, roomContract } from '../rooms/contract.ts'
import { type FreshRooms, isolationContract } from '../rooms/isolation.contract.ts'
import { producersContract } from '../rooms/producers.contract.ts'

describe.each([0, 25])('durable rooms, %i ms away', (latency) => {
  const namespaceOf = (name: string): typeof env.ROOMS =>
    name.startsWith(LARGE) ? env.ROOMS : name.startsWith(LIMITED) ? env.LIMITED_ROOMS : env.SMALL_ROOMS
  roomContract(
    {
      durable: true,
      backendOf: (name) => durableBackends(namespaceOf(name))(name),
      look: (name) => runDurableObjectAlarm(namespaceOf(name).getByName(name)),
    },
    latency,
  )
})

describe.each([0, 25])('producers in durable rooms, %i ms away', (latency) => {
  producersContract(durableBackends(env.WORK_ROOMS), latency)
})

describe('durable rooms', () => {
  const fresh = (): FreshRooms => ({
    backendOf: durableBackends(env.WORK_ROOMS),
    limitedOf: durableBackends(env.LIMITED_ROOMS),
    close: reset,
  })
  isolationContract(fresh, 20)
})
