/** Tabs that share, and chance. */
import { describe, it } from 'vitest'
import { Schedule } from './schedules.ts'
import { quickly, run } from './tabs.ts'

/** Registers the tests. */
export function chanceSuite(): void {
  describe('whatever happens to tabs', () => {
    it.each(run(1, 40))('each has every message once, over one connection in the end (seed %i)', async (seed) => {
      quickly()
      await new Schedule(seed).run()
    })
  })
}
