import { basename, resolve } from 'node:path'
import { bundle } from '../../scripts/bundle.ts'
import { bundleWorker } from '../bundle-worker.ts'
import { launch } from '../launch.ts'
import type { Runtime } from './runtime.ts'

export const workers: Runtime = {
  name: 'Workers',
  flags: {
    closedConnection: 'at the next write',
    waitingReader: 'by a reset',
    halfClose: 'goes on',
    halfClosedBody: '400',
    endlessBody: 'cut off',
    http2: false,
    drain: false,
    lateRequest: 'is served',
    durable: true,
    metrics: false,
    lengthOfStreams: true,
    twoHosts: "500, the runtime's own",
    headerControls: '400',
  },
  reasons: {
    closedConnection: 'workerd tells of a closed connection when it writes: a heartbeat does',
    http2: 'workerd speaks HTTP/1.1; on Cloudflare the edge in front of it speaks HTTP/2 and 3',
    drain: 'nothing tells a Worker that a deploy is near, and a deploy cuts no response',
    metrics:
      'each isolate counts for itself, and none is asked for; every refusal is a line of the log, and Cloudflare counts requests',
    twoHosts: 'workerd refuses the request',
  },
  launch: (vars, app) => launch(vars, app === undefined ? {} : { bundle: bundle(`${app}/dist`, app) }),
  launchHandler(file) {
    const name = basename(file, '.ts')
    // The class is there for the binding that every test Worker has; no handler here uses it.
    const code = `export { default } from '${resolve(file)}'\nexport { RoomObject } from 'edge-sse/cloudflare'`
    return launch({}, { bundle: bundleWorker(resolve('test/output/handlers'), name, code) })
  },
}
