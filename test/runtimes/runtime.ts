/** A runtime as the shared suite sees it: how the app is started there, and what it cannot do. */

export interface Server {
  /** `http://127.0.0.1:<port>`, without a slash. */
  readonly url: string
  readonly port: number
  /** What the app has written to its console, a line each. */
  readonly logs: string[]
  /** Asks it to end as an operator would; resolves when it is gone. */
  close(): Promise<void>
}

/** Where runtimes differ: the suite asserts each of these, and the README has them in a table. */
export interface Flags {
  /** How a quiet stream learns that its reader has closed the connection. A reset is noticed at once everywhere. */
  closedConnection: 'at once' | 'at the next write'
  /** How it is noticed that somebody has left who waits for an answer of which nothing was sent yet. */
  waitingReader: 'at once' | 'by a reset' | 'not before that'
  /** What becomes of a stream whose reader sends no more and goes on reading. */
  halfClose: 'ends' | 'goes on'
  /** What a request gets whose body was announced longer than it is, from a client that half-closes and waits. */
  halfClosedBody: '400' | "400, the runtime's own" | 'nothing'
  /** What becomes of a body that goes on after it was refused. */
  endlessBody: 'cut off' | 'read and dropped'
  /** Whether HTTP/2 is spoken, with TLS. */
  http2: boolean
  /** Whether a server that ends sends its readers to reconnect first. */
  drain: boolean
  /** What becomes of a request that comes, over a connection that was there, to a server that ends. */
  lateRequest: 'is told so' | 'may be cut off' | 'is served'
  /** Whether rooms outlive the process. */
  durable: boolean
  /** Whether `/metrics` tells what it has done. */
  metrics: boolean
  /** Whether a file is sent with its length; in chunks otherwise, and HEAD and `Content-Range` tell it. */
  lengthOfStreams: boolean
  /** Who refuses two `Host` headers: where it is the runtime, no handler runs. */
  twoHosts: '400' | "400, the runtime's own" | "500, the runtime's own"
  /** Who refuses control characters in a header. */
  headerControls: '400' | "400, the runtime's own"
}

export interface Runtime {
  /** As people write it. */
  name: string
  flags: Flags
  /** Why, where it is not as one would wish. */
  reasons: Partial<Record<keyof Flags, string>>
  /** Starts the app with these environment variables on a port of its own; from `app`, a folder with a copy of it. */
  launch(vars: Record<string, string>, app?: string): Promise<Server>
  /** Starts a handler as somebody who has copied that file does: its default export is the whole program. */
  launchHandler(file: string): Promise<Server>
}
