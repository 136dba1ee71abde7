import { shareAloneSuite } from '../client/share/alone.suite.ts'

shareAloneSuite()
