import { inject } from 'vitest'
import { connectSuite } from './connect-suite.ts'

connectSuite('node', inject('scripted'))
