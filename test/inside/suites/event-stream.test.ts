import { eventStreamSuite } from '../../event-stream.suite.ts'

eventStreamSuite()
