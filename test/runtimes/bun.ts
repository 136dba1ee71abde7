import { launchHandler, launchProcess } from './process.ts'
import type { Runtime } from './runtime.ts'

export const bun: Runtime = {
  name: 'Bun',
  flags: {
    closedConnection: 'at once',
    waitingReader: 'at once',
    halfClose: 'ends',
    halfClosedBody: 'nothing',
    endlessBody: 'cut off',
    http2: true,
    drain: true,
    lateRequest: 'may be cut off',
    durable: true,
    metrics: true,
    lengthOfStreams: false,
    twoHosts: '400',
    headerControls: "400, the runtime's own",
  },
  reasons: {
    halfClose: 'a half-close is taken for a closed connection',
    lateRequest: 'Bun may close the connections on which it has no whole request when it is told to stop',
    lengthOfStreams: 'Bun sends every stream in chunks (oven-sh/bun#10507)',
    halfClosedBody: 'Bun takes a half-close for a closed connection',
    headerControls: "Bun's HTTP parser refuses the request",
  },
  launch: (vars, app) => launchProcess('bun', vars, app),
  launchHandler: (file) => launchHandler('bun', file),
}
