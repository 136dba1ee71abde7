/** A Worker of a test's own, bundled as wrangler bundles it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'

/** Writes `code` to a file of `folder` and bundles it; gives the path of the bundle. */
export function bundleWorker(folder: string, name: string, code: string): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/${name}-entry.js`, code)
  const config = {
    name: 'test',
    main: `${name}-entry.js`,
    compatibility_date: '2026-11-17',
    alias: {
      'edge-sse': resolve('src/index.ts'),
      'edge-sse/client': resolve('src/client.ts'),
      'edge-sse/cloudflare': resolve('src/cloudflare.ts'),
      'edge-sse/relay': resolve('src/relay.ts'),
      'edge-sse/testing': resolve('src/testing.ts'),
    },
    durable_objects: { bindings: [{ name: 'ROOMS', class_name: 'RoomObject' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['RoomObject'] }],
  }
  writeFileSync(`${folder}/${name}.json`, JSON.stringify(config))
  const wrangler = [
    'node_modules/wrangler/bin/wrangler.js',
    'deploy',
    '--dry-run',
    '--config',
    `${folder}/${name}.json`,
  ]
  execFileSync(process.execPath, [...wrangler, '--outdir', resolve(folder, name)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', WRANGLER_LOG: 'error' },
  })
  return `${folder}/${name}/${name}-entry.js`
}
