import { inject } from 'vitest'
import { connectSuite } from '../client/connect-suite.ts'

connectSuite('workerd', inject('scripted'))
