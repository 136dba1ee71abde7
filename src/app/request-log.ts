/** What is logged of a request: one line of JSON, without its query, headers and body, and nothing that could be a token. */

export interface LogEntry {
  level: 'info' | 'warn'
  status: number
  [name: string]: unknown
}

/** Characters of a path. */
const LONGEST = 200

export function logLine(request: Request, entry: LogEntry): string {
  const { method } = request
  const path = pathOf(request)
    .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[redacted]')
    .slice(0, LONGEST)
  // What a terminal would obey, or a reader take for something else, stays a number.
  return JSON.stringify({ ...entry, method, path }).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function pathOf(request: Request): string {
  try {
    return URL.parse(request.url)?.pathname ?? request.url.replace(/\?.*$/s, '')
  } catch {
    return '' // Node makes it when it is asked for, and cannot with a host that is none.
  }
}
