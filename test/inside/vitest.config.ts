// What runs inside Deno and Bun, in vitest as they run it: `deno run -A node_modules/vitest/vitest.mjs run --config …`.
import process from 'node:process'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: [
      { find: /^edge-sse$/, replacement: new URL('../../src/index.ts', import.meta.url).pathname },
      { find: /^edge-sse\/client$/, replacement: new URL('../../src/client.ts', import.meta.url).pathname },
      {
        find: /^edge-sse\/client\/(event-source|share)$/,
        replacement: new URL('../../src/client/$1.ts', import.meta.url).pathname,
      },
      { find: /^edge-sse\/relay$/, replacement: new URL('../../src/relay.ts', import.meta.url).pathname },
      { find: /^edge-sse\/testing$/, replacement: new URL('../../src/testing.ts', import.meta.url).pathname },
    ],
  },
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: [
      'test/inside/suites/*.test.ts',
      'test/rooms/{memory,memory-lag,sqlite,sqlite-*}.test.ts',
      'test/{meter,metrics}.test.ts',
      'test/testing/*.test.ts',
    ],
    provide: {
      // This runtime is what is tested: the server they read from runs on Node, see run-suites.ts.
      scripted: { url: process.env.EDGE_SSE_SCRIPTED ?? '', other: process.env.EDGE_SSE_SCRIPTED_OTHER ?? '' },
    },
    // Bun has no processes as vitest wants them.
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 30_000,
  },
})
