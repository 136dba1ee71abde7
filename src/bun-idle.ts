/** Bun cuts a connection after 10 s of silence: https://bun.com/docs/api/http#idletimeout */
import { isStream } from './response-stream.ts'

/** What Bun hands a `fetch` as its second argument. */
interface BunServer {
  timeout(request: Request, seconds: number): void
}

/** Lets a response that is a stream be silent for as long as it likes. For any other runtime's `server` it does nothing. */
export function keepOpen(request: Request, response: Response, server: unknown): void {
  if ('Bun' in globalThis && isStream(response)) (server as Partial<BunServer> | undefined)?.timeout?.(request, 0)
}
