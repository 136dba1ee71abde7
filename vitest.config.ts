// One project for each place tests run in. `npm test` runs them all, `npx vitest run --project unit` one.
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** A handler imports "edge-sse" by its name, so that a copied file needs no edit; here that name is this source. */
const resolve = {
  alias: [
    { find: /^edge-sse$/, replacement: new URL('src/index.ts', import.meta.url).pathname },
    { find: /^edge-sse\/access$/, replacement: new URL('src/access.ts', import.meta.url).pathname },
    { find: /^edge-sse\/client$/, replacement: new URL('src/client.ts', import.meta.url).pathname },
    {
      find: /^edge-sse\/client\/(event-source|share)$/,
      replacement: new URL('src/client/$1.ts', import.meta.url).pathname,
    },
    { find: /^edge-sse\/cloudflare$/, replacement: new URL('src/cloudflare.ts', import.meta.url).pathname },
    { find: /^edge-sse\/files$/, replacement: new URL('src/files.ts', import.meta.url).pathname },
    { find: /^edge-sse\/relay$/, replacement: new URL('src/relay.ts', import.meta.url).pathname },
    { find: /^edge-sse\/sqlite$/, replacement: new URL('src/sqlite.ts', import.meta.url).pathname },
    { find: /^edge-sse\/testing$/, replacement: new URL('src/testing.ts', import.meta.url).pathname },
  ],
}

export default defineConfig({
  test: {
    reporters: ['default', './test/count-reporter.ts'],
    // Two cores: more workers only wait for each other.
    maxWorkers: 2,
    projects: [
      { resolve, test: { name: 'rules', include: ['test/rules/**/*.test.ts'] } },
      {
        resolve,
        test: {
          name: 'unit',
          include: [
            'test/*.test.ts',
            'test/{access,bin,check,checker,client,docs,files,handlers,relay,rooms,testing,upstream}/**/*.test.ts',
          ],
          globalSetup: 'test/client/serve-scripts.ts',
          testTimeout: 20_000,
        },
      },
      {
        resolve,
        plugins: [cloudflareTest({ wrangler: { configPath: './test/workerd/wrangler.toml' } })],
        test: {
          name: 'workerd',
          include: ['test/workerd/**/*.test.ts'],
          globalSetup: ['test/write-assets.ts', 'test/client/serve-scripts.ts'],
          testTimeout: 20_000,
        },
      },
      // What would be published, built and packed.
      { test: { name: 'package', include: ['test/package/*.test.ts'], testTimeout: 30_000, hookTimeout: 60_000 } },
      // The suites of rooms and streams inside Deno and Bun, whose vitest is told what to run by test/inside/vitest.config.ts.
      { resolve, test: { name: 'inside', include: ['test/inside/*.test.ts'] } },
      // One suite over real sockets, on each runtime.
      ...(['workers', 'deno', 'bun', 'node'] as const).map((runtime) => ({
        resolve,
        test: {
          name: `e2e-${runtime}`,
          include: ['test/e2e/**/*.test.ts'],
          // A Worker is no process: nothing tells it to end, and `npm start` is what listens for it.
          exclude: runtime === 'workers' ? ['test/e2e/{drain,processes}.test.ts'] : [],
          provide: { runtime },
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      })),
      // What only the Worker has.
      {
        resolve,
        test: { name: 'worker', include: ['test/worker/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
      },
      {
        resolve,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: 'test/client/serve-scripts.ts',
          // They wait for pages more than they work; and after all others, which do work.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
