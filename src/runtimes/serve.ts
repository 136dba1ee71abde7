/** The app in a process of its own, on Deno, Bun or Node: from its environment to a graceful end. */
import process from 'node:process'
import { app } from '../app.ts'
import { SseError } from '../errors.ts'
import { sleep } from '../interval.ts'
import { endStreams } from '../open-streams.ts'
import { problemResponse } from '../problem.ts'
import { isNative, reconnectLater } from '../reconnect-later.ts'
import { type ProcessContext, processContext } from './process-context.ts'
import { type Settings, SettingsError, settingsFrom } from './settings.ts'

export interface ListenOptions extends Settings {
  /** `address` is that of the client's connection. */
  fetch(request: Request, address?: string): Promise<Response>
}

/** A server that listens. */
export interface Listening {
  port: number
  /** Takes no further connection, at the latest when all requests were `answered`. Resolves when those there have ended. */
  close(answered: Promise<unknown>): Promise<unknown>
}

/** Starts to listen; rejects where that is not possible. */
export type Listen = (options: ListenOptions) => Listening | Promise<Listening>

/** Milliseconds that what is under way gets beyond the drain window. */
const GRACE = 2_000
/** A terminal's Ctrl+C reaches whoever started this too, which may hand it on: within so many milliseconds it is one. */
const ONE_SIGNAL = 1_000

/** Serves the app until SIGTERM, SIGINT or SIGHUP; a second one ends the process at once. */
export async function serve(listen: Listen): Promise<void> {
  const { env } = process
  let stopping: number | undefined
  const answering = new Set<Promise<Response>>()
  const fetch = async (request: Request, address?: string): Promise<Response> => {
    if (stopping !== undefined) return refuse(request)
    const answer = app.fetch(request, context, address)
    answering.add(answer)
    return headOf(request, await answer.finally(() => answering.delete(answer)))
  }
  let settings: Settings
  let context: ProcessContext
  let server: Listening
  try {
    settings = settingsFrom(env)
    context = processContext(env, settings)
    await context.access.check?.()
    server = await listen({ ...settings, fetch })
  } catch (error) {
    console.error(explain(error, env.PORT))
    process.exit(1)
  }
  console.log(`edge-sse is on ${settings.tls ? 'https' : 'http'}://${shown(settings.hostname)}:${server.port}`)

  const stop = async (): Promise<void> => {
    if (stopping !== undefined) {
      if (performance.now() - stopping > ONE_SIGNAL) process.exit(1)
      return
    }
    stopping = performance.now()
    const closed = server.close(Promise.all(answering))
    const drained = endStreams({ within: settings.drain }).then(() => closed)
    await Promise.race([drained, sleep(settings.drain + GRACE)])
    context.close()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop())
}

/** What still comes over a connection that was there before. */
const refuse = (request: Request): Response =>
  isNative(request)
    ? reconnectLater(request)
    : problemResponse(new SseError('shutting-down', 'Cannot answer: this server is about to end'))

/** A body that nobody reads: for none at all Deno and Bun would say that the length of what GET gets is 0. */
const headOf = (request: Request, response: Response): Response =>
  request.method === 'HEAD' &&
  response.status !== 204 &&
  response.status !== 304 &&
  !response.headers.has('content-length')
    ? new Response(new ReadableStream(), response)
    : response

const shown = (hostname: string): string => (hostname.includes(':') ? `[${hostname}]` : hostname)

function explain(error: unknown, port: string | undefined): unknown {
  if (error instanceof SettingsError || error instanceof SseError)
    return error.message
      .replace(/^Cannot authorize/, 'Cannot start')
      .replace(/^Cannot (?!start)/, 'Cannot start: cannot ')
  const { code, name } = error as { code?: string; name?: string }
  if (code === 'EADDRINUSE' || name === 'AddrInUse')
    return `Cannot start: port ${port ?? 8787} is in use. Another one: PORT=8788`
  if (code === 'EACCES' || name === 'PermissionDenied')
    return `Cannot start: port ${port ?? 8787} is not allowed to you`
  return error
}
