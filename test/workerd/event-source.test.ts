import { eventSourceSuite } from '../client/event-source.suite.ts'

// Its event targets call `on…` themselves, as functions of nobody.
eventSourceSuite({ 'calls a handler as its own': false })
