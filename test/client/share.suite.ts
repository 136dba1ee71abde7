/** `share` where there are locks and channels: tabs of one process, rooms in memory, and words that are held back. */

import { behindSuite } from './share/behind.suite.ts'
import { chanceSuite } from './share/chance.suite.ts'
import { closeSuite } from './share/close.suite.ts'
import { endsSuite } from './share/ends.suite.ts'
import { gapsSuite } from './share/gaps.suite.ts'
import { leavingSuite } from './share/leaving.suite.ts'
import { takenSuite } from './share/taken.suite.ts'
import { togetherSuite } from './share/together.suite.ts'
import { turnsSuite } from './share/turns.suite.ts'

/** Registers the tests. */
export function shareSuite(): void {
  togetherSuite()
  leavingSuite()
  behindSuite()
  takenSuite()
  turnsSuite()
  endsSuite()
  gapsSuite()
  closeSuite()
  chanceSuite()
}
