/** Files and bodies on workerd. */
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { bundleWorker } from '../bundle-worker.ts'
import { launch, type Server } from '../launch.ts'
import { bodySuite, downloadSuite } from './files.suite.ts'

let app: Server
let probe: Server

beforeAll(async () => {
  const code = `export { default } from '${resolve('test/e2e/body-probe.ts')}'
    export { RoomObject } from '${resolve('src/cloudflare.ts')}'`
  app = await launch()
  probe = await launch({}, { bundle: bundleWorker('test/output/body-probe', 'body-probe', code) })
})
afterAll(async () => {
  await app.close()
  await probe.close()
})

describe('a download', () => downloadSuite(() => app))
describe('a body', () => bodySuite(() => probe))
