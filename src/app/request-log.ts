/** What is logged of a request: one line, without its query, headers and body, and nothing that could be a token. */
import { logLine } from '../log-line.ts'

export interface LogEntry {
  level: 'info' | 'warn'
  status: number
  [name: string]: unknown
}

/** Characters of a path. */
const LONGEST = 200

export function requestLine(request: Request, entry: LogEntry): string {
  const { method } = request
  const path = pathOf(request)
    .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[redacted]')
    .slice(0, LONGEST)
  return logLine({ ...entry, method, path })
}

function pathOf(request: Request): string {
  try {
    return URL.parse(request.url)?.pathname ?? request.url.replace(/\?.*$/s, '')
  } catch {
    return '' // Node makes it when it is asked for, and cannot with a host that is none.
  }
}
