import process from 'node:process'
import { inject } from 'vitest'
import { connectSuite } from '../../client/connect-suite.ts'

connectSuite(process.env.EDGE_SSE_RUNTIME === 'bun' ? 'bun' : 'deno', inject('scripted'))
