import { describe, expectTypeOf, it } from 'vitest'
import type { EventSource } from '../../src/client/event-source.ts'
import { eventSourceSuite } from './event-source.suite.ts'

eventSourceSuite()

describe('the type of EventSource', () => {
  it('takes the place of the browser’s own', () => {
    expectTypeOf<EventSource>().toExtend<globalThis.EventSource>()
    expectTypeOf<typeof EventSource>().toExtend<typeof globalThis.EventSource>()
  })
})
