import { describe, expect, it, vi } from 'vitest'
import { memoryBackends, memoryRooms } from '../../src/rooms/memory.ts'
import { LARGE, LIMITED, LIMITS, RETAINED, roomContract } from './contract.ts'
import { type FreshRooms, isolationContract } from './isolation.contract.ts'
import { producersContract } from './producers.contract.ts'
import { producers } from './producers.ts'

describe.each([0, 25])('memory rooms, %i ms away', (latency) => {
  const small = memoryBackends({ retention: { events: RETAINED }, budget: 65_536 })
  const large = memoryBackends({ budget: 65_536 })
  const limited = memoryBackends({ limits: LIMITS, budget: 65_536 })
  const of = (name: string): typeof small =>
    name.startsWith(LARGE) ? large : name.startsWith(LIMITED) ? limited : small
  roomContract({ durable: false, backendOf: (name) => of(name)(name) }, latency)
})

describe.each([0, 25])('producers in memory rooms, %i ms away', (latency) => {
  producersContract(memoryBackends({ producers }), latency)
})

describe('memory rooms', () => {
  const fresh = (): FreshRooms => ({
    backendOf: memoryBackends({ producers }),
    limitedOf: memoryBackends({ limits: LIMITS }),
  })
  isolationContract(fresh, 100)
})

describe('memoryRooms', () => {
  const HOUR = 3_600_000

  it('refuses a budget that is none', () => {
    for (const budget of [0, -1, Number.NaN])
      expect(() => memoryRooms({ budget })).toThrow(
        expect.objectContaining({ code: 'invalid-option', field: 'budget' }),
      )
  })

  it('forgets each room that was empty for a day, also where events never grow old', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    try {
      for (const age of [Number.POSITIVE_INFINITY, 30 * 24 * HOUR, undefined]) {
        const rooms = memoryRooms({ retention: { age, events: undefined } })
        for (const name of ['first', 'second']) {
          await rooms.get(name).publish({ data: 1 })
          await rooms.get(name).purge()
          vi.advanceTimersByTime(HOUR)
        }
        for (let hours = 0; hours < 30; hours += 3) {
          vi.advanceTimersByTime(3 * HOUR)
          await rooms.get('another').info()
        }
        for (const name of ['first', 'second']) expect(await rooms.get(name).info()).toBeUndefined()
      }
    } finally {
      vi.useRealTimers()
    }
  })
})
