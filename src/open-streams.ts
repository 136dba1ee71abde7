/** The event streams of this process, and how all of them end without a crowd coming back at once. */
import { SseError } from './errors.ts'
import { sleep } from './interval.ts'
import { LONGEST } from './options.ts'

/** A stream whose reader can be told to come back. */
export interface OpenStream {
  /** Sends its reader to reconnect; resolves when it has the end, or has left. */
  sendAway(): Promise<void>
}

/** Reconnects that whoever takes over can be expected to serve, a second. */
const RECONNECTS = 200

const open = new Set<OpenStream>()
/** By `performance.now()`: until then each stream that opens is sent away too. */
let ending: number | undefined

/** Streams of other requests are only counted here on Workers, and never touched. */
export function opened(stream: OpenStream): void {
  open.add(stream)
  if (ending !== undefined) void sendAwayWithin(stream, ending - performance.now())
}

/** How many are open. */
export const openStreams = (): number => open.size

export const ended = (stream: OpenStream): void => void open.delete(stream)

export interface EndStreamsOptions {
  /** Milliseconds over which they are spread. Defaults to 5,000; fewer streams take less time, 5 ms each. */
  within?: number | undefined
}

/**
 * Ends every event stream of this process, as before a restart: each reader gets a `retry` with jitter of its own and
 * `stream.end {"reconnect":true}`, at a random time within the window, and loses nothing by it. Streams that open
 * afterwards get the same. Resolves when all of them have their end, or have left.
 *
 * For Deno, Bun and Node: on Workers nothing says that a deploy is near, and a deploy cuts no response.
 *
 * @example
 * ```ts
 * import { endStreams } from 'edge-sse'
 * const onShutdown = async (): Promise<void> => {
 *   await endStreams({ within: 2_000 })
 * }
 * ```
 */
export async function endStreams({ within = 5_000 }: EndStreamsOptions = {}): Promise<void> {
  if (!(within >= 0 && within <= LONGEST))
    throw new SseError('invalid-option', 'Cannot end streams: `within` is not from 0', { field: 'within' })
  const window = Math.min(within, (open.size / RECONNECTS) * 1000)
  ending = performance.now() + window
  await Promise.all([...open].map((stream) => sendAwayWithin(stream, window)))
}

async function sendAwayWithin(stream: OpenStream, milliseconds: number): Promise<void> {
  await sleep(Math.random() * Math.max(0, milliseconds))
  await stream.sendAway()
}
