/** What a request is made to, and with: the words that every command which asks a server has in common. */
import { colour } from './colour.ts'
import { type Command, type Invocation, UsageMistake } from './command.ts'
import { printable } from './printable.ts'
import { shownUrl } from './shown-url.ts'

export const REQUEST_OPTIONS = {
  header: { type: 'string', multiple: true, short: 'H' },
  token: { type: 'string' },
} as const satisfies Command['options']

export const REQUEST_HELP = `  -H, --header 'NAME: VALUE'  a header of each request; may be repeated
  --token TOKEN               as Authorization: Bearer TOKEN. Better in the environment, EDGE_SSE_TOKEN: what is on a
                              command line can be seen by others on this machine. That of the environment goes over
                              https and to this machine alone. Another site that is redirected to gets neither`

/** An http or https URL without a name and password in it. Throws a `UsageMistake`. */
export function urlOf(command: string, text: string | undefined): URL {
  if (text === undefined) throw new UsageMistake(`Cannot ${command}: the URL is missing`)
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageMistake(
      `Cannot ${command}: ${printable(shownUrl(text), { atMost: 200 })} is no http:// or https:// URL${meant(text)}`,
    )
  if (url.username || url.password)
    throw new UsageMistake(`Cannot ${command}: the URL holds a name or a password. Send them as a --header`)
  return url
}

/** A host that was named as one does in a browser. */
function meant(text: string): string {
  if (!/^([\w-]+(\.[\w-]+)+|localhost)(:\d{1,5})?(\/[!-~]*)?$/.test(text)) return ''
  const scheme = isLoopback(text.replace(/[:/].*/, '')) ? 'http' : 'https'
  return `, did you mean ${scheme}://${printable(shownUrl(text), { atMost: 200 })}?`
}

/**
 * `--header` and `--token`, or the token of the environment; where that is not sent, stderr is told. Throws a
 * `UsageMistake`, also for headers that are `own`: what the command says itself. It repeats no value, nor what could be
 * one: that may be a secret.
 */
export function headersOf(
  command: string,
  url: URL,
  { values, io }: Pick<Invocation, 'values' | 'io'>,
  own: readonly string[] = [],
): Headers {
  const refused = (state: string): UsageMistake => new UsageMistake(`Cannot ${command}: ${state}`)
  const headers = new Headers()
  for (const line of [values.header ?? []].flat().map(String)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    if (colon < 1 || !NAME.test(name)) throw refused('a --header is not NAME: VALUE')
    if (own.includes(name)) throw refused(`--header ${name} is what it says itself`)
    if (headers.has(name)) throw refused(`--header ${name} is there twice`)
    if (!set(headers, name, line.slice(colon + 1).trim())) throw refused(`--header ${name} has a value that is none`)
  }
  if (values.token !== undefined && headers.has('authorization'))
    throw refused('--token and --header authorization exclude each other')
  const { EDGE_SSE_TOKEN: kept } = io.env
  const token = values.token ?? kept
  if (!token || headers.has('authorization')) return headers
  if (values.token === undefined && !isPrivate(url)) {
    const why = `EDGE_SSE_TOKEN is not sent to ${url.origin}, as anybody on the way could read it. --token sends it all the same`
    io.stderr.write(`${colour(io, io.stderr, 'yellow', why)}\n`)
  } else if (!set(headers, 'authorization', `Bearer ${token}`)) throw refused('the token is no value of a header')
  return headers
}

/** Nobody on the way reads what is sent there. */
const isPrivate = ({ protocol, hostname }: URL): boolean => protocol === 'https:' || isLoopback(hostname)

/** A name below localhost is asked of the network on some machines. */
const isLoopback = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host)

/** https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const NAME = /^[\w!#$%&'*+.^`|~-]{1,80}$/

function set(headers: Headers, name: string, value: string): boolean {
  try {
    headers.set(name, value)
    return true
  } catch {
    return false // Its own message repeats the value.
  }
}
