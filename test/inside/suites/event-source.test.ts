import { eventSourceSuite } from '../../client/event-source.suite.ts'

eventSourceSuite()
