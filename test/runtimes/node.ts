import { launchHandler, launchProcess } from './process.ts'
import type { Runtime } from './runtime.ts'

export const node: Runtime = {
  name: 'Node',
  flags: {
    closedConnection: 'at once',
    waitingReader: 'at once',
    halfClose: 'ends',
    halfClosedBody: "400, the runtime's own",
    endlessBody: 'cut off',
    http2: true,
    drain: true,
    lateRequest: 'is told so',
    durable: true,
    metrics: true,
    lengthOfStreams: true,
    twoHosts: '400',
    headerControls: "400, the runtime's own",
  },
  reasons: {
    halfClose: 'a half-close is taken for a closed connection',
    halfClosedBody: "Node's HTTP parser answers before a handler hears of it",
    headerControls: "Node's HTTP parser refuses the request",
  },
  launch: (vars, app) => launchProcess('node', vars, app),
  launchHandler: (file) => launchHandler('node', file),
}
