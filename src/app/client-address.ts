/** Whose connection a request came over, as one to count by. */

/**
 * The address in the header that the operator has named, else that of the connection; of a list the last one, which is what
 * the nearest proxy saw. Undefined where there is neither.
 */
export function clientAddress(
  request: Request,
  socket: string | undefined,
  header: string | undefined,
): string | undefined {
  const named = header === undefined ? undefined : request.headers.get(header)?.split(',').at(-1)
  const address = addressIn(named) ?? socket
  return address === undefined ? undefined : network(address)
}

/** Some proxies add the port, and brackets before that. What is no address is not believed. */
function addressIn(text: string | undefined): string | undefined {
  const [, bracketed, v4, v6] =
    /^\s*(?:\[([\da-f:.]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+)(?::\d+)?|([\da-f]*:[\da-f:.]+))\s*$/i.exec(text ?? '') ?? []
  return bracketed ?? v4 ?? v6
}

/** Who has an IPv6 address has 2⁶⁴ of them: they count as one. https://www.rfc-editor.org/rfc/rfc6177 */
function network(address: string): string {
  const text = address.slice(0, 64).toLowerCase()
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? []
  if (mapped || !text.includes(':')) return mapped ?? text
  const [before = '', after] = text.split('::')
  const head = before.split(':').filter(Boolean)
  const tail = after?.split(':').filter(Boolean) ?? []
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length)
  return `${[...head, ...Array<string>(zeros).fill('0'), ...tail].slice(0, 4).join(':')}::/64`
}
