import { runSuites } from './run-suites.ts'

await runSuites('bun')
