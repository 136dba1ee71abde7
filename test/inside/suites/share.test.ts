import { shareAloneSuite } from '../../client/share/alone.suite.ts'
import { shareSuite } from '../../client/share.suite.ts'

// Bun has no locks.
if (globalThis.navigator?.locks === undefined) shareAloneSuite()
else shareSuite()
