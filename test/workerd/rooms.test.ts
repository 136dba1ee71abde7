import { env } from 'cloudflare:workers'
import { describe } from 'vitest'
import { durableBackends } from '../../src/rooms/durable-rooms.ts'
import { LARGE, roomContract } from '../rooms/contract.ts'

describe.each([0, 25])('durable rooms, %i ms away', (latency) => {
  const small = durableBackends(env.SMALL_ROOMS)
  const large = durableBackends(env.ROOMS)
  roomContract({ durable: true, backendOf: (name) => (name.startsWith(LARGE) ? large : small)(name) }, latency)
})
