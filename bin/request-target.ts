/** What a request is made to, and with: the words that every command which asks a server has in common. */
import { type Command, type Invocation, UsageMistake } from './command.ts'
import { printable } from './printable.ts'

export const REQUEST_OPTIONS = {
  header: { type: 'string', multiple: true, short: 'H' },
  token: { type: 'string' },
} as const satisfies Command['options']

export const REQUEST_HELP = `  -H, --header 'NAME: VALUE'  a header of each request; may be repeated
  --token TOKEN               as Authorization: Bearer TOKEN. Better in the environment, EDGE_SSE_TOKEN: what is on a
                              command line can be seen by others on this machine`

/** An http or https URL without a name and password in it. Throws a `UsageMistake`. */
export function urlOf(command: string, text: string | undefined): URL {
  if (text === undefined) throw new UsageMistake(`Cannot ${command}: the URL is missing`)
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageMistake(`Cannot ${command}: ${printable(text, { atMost: 200 })} is no http:// or https:// URL`)
  if (url.username || url.password)
    throw new UsageMistake(`Cannot ${command}: the URL holds a name or a password. Send them as a --header`)
  return url
}

/** `--header` and `--token`, or the token of the environment. Throws a `UsageMistake`. */
export function headersOf(command: string, { values, io: { env } }: Pick<Invocation, 'values' | 'io'>): Headers {
  const headers = new Headers()
  const token = values.token ?? env.EDGE_SSE_TOKEN
  if (token) set(command, headers, 'authorization', `Bearer ${token}`)
  for (const line of [values.header ?? []].flat().map(String)) {
    const colon = line.indexOf(':')
    if (colon < 1)
      throw new UsageMistake(`Cannot ${command}: --header ${printable(line, { atMost: 80 })} is not NAME: VALUE`)
    set(command, headers, line.slice(0, colon).trim(), line.slice(colon + 1).trim())
  }
  return headers
}

function set(command: string, headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value)
  } catch {
    // Its value may be a secret, and is not repeated.
    throw new UsageMistake(`Cannot ${command}: ${printable(name, { atMost: 80 })} is no header, or its value is none`)
  }
}
