/** All of them, by the name of their project in `vitest.config.ts`. */
import { bun } from './bun.ts'
import { deno } from './deno.ts'
import { node } from './node.ts'
import type { Runtime } from './runtime.ts'
import { workers } from './workers.ts'

export const runtimes: Record<'workers' | 'deno' | 'bun' | 'node', Runtime> = { workers, deno, bun, node }
export type RuntimeName = keyof typeof runtimes
