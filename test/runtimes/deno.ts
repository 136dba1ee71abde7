import { launchHandler, launchProcess } from './process.ts'
import type { Runtime } from './runtime.ts'

export const deno: Runtime = {
  name: 'Deno',
  flags: {
    closedConnection: 'at once',
    halfClose: 'ends',
    halfClosedBody: '400',
    endlessBody: 'read and dropped',
    http2: true,
    drain: true,
    lateRequest: 'is told so',
    durable: true,
    metrics: true,
    lengthOfStreams: true,
    twoHosts: "400, the runtime's own",
    headerControls: "400, the runtime's own",
  },
  reasons: {
    halfClose: 'a half-close is taken for a closed connection',
    endlessBody: 'Deno reads what is sent after the answer, and gives a handler no way to stop it',
    twoHosts: "Deno's HTTP parser refuses the request",
    headerControls: "Deno's HTTP parser refuses the request",
  },
  launch: (vars, app) => launchProcess('deno', vars, app),
  launchHandler: (file) => launchHandler('deno', file),
}
