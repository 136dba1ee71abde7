/** One HTTP request as it comes over a bare socket: https://www.rfc-editor.org/rfc/rfc9112 */
import type { Socket } from 'node:net'

export interface Incoming {
  method: string
  path: string
  headers: Headers
  body: string
}

/** The first request of a connection; undefined where it ends before that was whole. */
export function readIncoming(socket: Socket): Promise<Incoming | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes])
      const incoming = parse(received)
      if (incoming) resolve(incoming)
    })
    socket.once('close', () => resolve(undefined))
  })
}

/** Undefined while something of it is missing. */
function parse(received: Buffer): Incoming | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [requestLine = '', ...lines] = received.toString('latin1', 0, end).split('\r\n')
  const [method = '', path = ''] = requestLine.split(' ')
  const headers = new Headers()
  for (const line of lines) headers.append(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim())
  const rest = received.subarray(end + 4)
  const chunked = headers.get('transfer-encoding')?.toLowerCase() === 'chunked'
  const body = chunked ? dechunked(rest) : counted(rest, Number(headers.get('content-length') ?? 0))
  return body && { method, path, headers, body: body.toString() }
}

const counted = (bytes: Buffer, length: number): Buffer | undefined =>
  bytes.byteLength < length ? undefined : bytes.subarray(0, length)

function dechunked(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const line = bytes.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16)
    if (bytes.byteLength < line + size + 4) return undefined
    if (size === 0) return Buffer.concat(chunks)
    chunks.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + size + 4
  }
}
