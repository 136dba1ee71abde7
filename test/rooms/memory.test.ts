import { describe } from 'vitest'
import { memoryBackends } from '../../src/rooms/memory.ts'
import { LARGE, RETAINED, roomContract } from './contract.ts'

describe.each([0, 25])('memory rooms, %i ms away', (latency) => {
  const small = memoryBackends({ retention: { events: RETAINED }, budget: 65_536 })
  const large = memoryBackends({ budget: 65_536 })
  roomContract({ durable: false, backendOf: (name) => (name.startsWith(LARGE) ? large : small)(name) }, latency)
})
