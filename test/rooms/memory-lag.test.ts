import { describe } from 'vitest'
import { memoryBackends } from '../../src/rooms/memory.ts'
import { LARGE, RETAINED } from './contract.ts'
import { BUDGET, lagSuite } from './lag.ts'

describe('memory rooms', () => {
  const small = memoryBackends({ retention: { events: RETAINED }, budget: BUDGET })
  const large = memoryBackends({ budget: BUDGET })
  lagSuite({ backendOf: (name) => (name.startsWith(LARGE) ? large : small)(name) }, 0)
})
