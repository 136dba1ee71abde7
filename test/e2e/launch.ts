/** The app on the runtime that this run of the suite is for. */
import { inject } from 'vitest'
import type { Runtime, Server } from '../runtimes/runtime.ts'
import { type RuntimeName, runtimes } from '../runtimes/runtimes.ts'

declare module 'vitest' {
  interface ProvidedContext {
    runtime: RuntimeName
  }
}

export type { Server }

export const runtime: Runtime = runtimes[inject('runtime') ?? 'workers']
export const { flags } = runtime

/** Starts it, or the copy of it in the folder `app`. Open to everyone unless `vars` say otherwise. */
export const launch = (vars: Record<string, string> = { EDGE_SSE_ACCESS: 'open' }, app?: string): Promise<Server> =>
  runtime.launch(vars, app)

/** Starts a handler as somebody who has copied that file does. */
export const launchHandler = (file: string): Promise<Server> => runtime.launchHandler(file)
