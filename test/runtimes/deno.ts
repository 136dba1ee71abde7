import { launchHandler, launchProcess } from './process.ts'
import type { Runtime } from './runtime.ts'

export const deno: Runtime = {
  name: 'Deno',
  flags: {
    closedConnection: 'at once',
    waitingReader: 'not before that',
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
    waitingReader:
      'Deno does not watch the connection before it answers, unless all of the request came in one read of 512 bytes',
    halfClose: 'a half-close is taken for a closed connection',
    endlessBody: 'Deno reads what is sent after the answer, and gives a handler no way to stop it',
    twoHosts: "Deno's HTTP parser refuses the request",
    headerControls: "Deno's HTTP parser refuses the request",
  },
  launch: (vars, app) => launchProcess('deno', vars, app),
  launchHandler: (file) => launchHandler('deno', file),
}
