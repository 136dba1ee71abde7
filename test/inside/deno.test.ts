import { runSuites } from './run-suites.ts'

await runSuites('deno')
