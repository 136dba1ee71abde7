/** A Worker that is one copied file of a project where the package was installed, bundled by wrangler, in workerd. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { Miniflare } from 'miniflare'
import type { Server } from '../runtimes/runtime.ts'

const DATE = '2026-11-17'

/** `object`: the class of its rooms, bound as ROOMS, where it has one. */
export async function installedWorker(file: string, project: string, object?: string): Promise<Server> {
  const name = file.replace(/\.[jt]s$/, '')
  const config = join(project, `${name}.json`)
  const assets = { directory: 'files', binding: 'ASSETS', run_worker_first: true }
  writeFileSync(
    config,
    JSON.stringify({ name, main: file, compatibility_date: DATE, assets, ...(object && rooms(object)) }),
  )
  const wrangler = [resolve('node_modules/wrangler/bin/wrangler.js'), 'deploy', '--dry-run', '--config', config]
  execFileSync(process.execPath, [...wrangler, '--outdir', join(project, 'out')], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', WRANGLER_LOG: 'error' },
  })
  const contents = readFileSync(join(project, 'out', `${name}.js`), 'utf8')
  const miniflare = new Miniflare({
    cf: false,
    workers: [
      {
        config: {
          name,
          compatibilityDate: DATE,
          manifest: {
            mainModule: 'worker.js',
            modulesRoot: project,
            modules: { 'worker.js': { type: 'esm', contents } },
          },
          env: {
            ASSETS: { type: 'assets' },
            ...(object && { ROOMS: { type: 'durable-object', worker: name, exportName: object } }),
          },
          ...(object && { exports: { [object]: { type: 'durable-object', storage: 'sqlite' } } }),
          assets: { directory: join(project, 'files'), hasUserWorker: true, runWorkerFirst: true },
        },
      },
    ],
  })
  const { port } = await miniflare.ready
  return { url: `http://127.0.0.1:${port}`, port: Number(port), logs: [], close: () => miniflare.dispose() }
}

/** What the two blocks of the README's wrangler.toml say. */
const rooms = (object: string): object => ({
  durable_objects: { bindings: [{ name: 'ROOMS', class_name: object }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: [object] }],
})
