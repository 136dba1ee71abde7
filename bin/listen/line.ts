/** A message as a line for whoever reads. */
import { formatMessage } from 'edge-sse'
import { colour } from '../colour.ts'
import type { Terminal } from '../command.ts'
import { printable } from '../printable.ts'

export type Format = 'line' | 'data' | 'json' | 'raw'

export interface Printed {
  event: string
  id?: string | undefined
  data: string
}

/** The id that ends a stream for good, which nobody but a server gives: `formatMessage` refuses it. */
const END = '~end'

/** With the line break after it. */
export function lineOf(message: Printed, format: Format, io: Terminal): string {
  const { event, id, data } = message
  if (format === 'json') return `${asciiJson({ event, id, data })}\n`
  if (format === 'raw') {
    const block = formatMessage({ ...(event !== 'message' && { event }), ...(id !== END && { id }), data })
    return id === END ? `id: ${END}\n${block}` : block
  }
  // A pipe is for programs, which want the text itself; a terminal would obey it.
  if (format === 'data') return `${io.stdout.isTTY ? printable(data, { lines: true }) : data}\n`
  const time = colour(io, io.stdout, 'dim', timeOf(new Date()))
  const name = colour(io, io.stdout, 'cyan', printable(event))
  const place = id === undefined ? '' : `${colour(io, io.stdout, 'dim', printable(id))}  `
  return `${time}  ${name}  ${place}${printable(data)}\n`
}

/** As JSON in ASCII: what is in it, a terminal cannot obey. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** `09:05:07.042`, here. */
function timeOf(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0')
  const seconds = `${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
  return `${two(date.getHours())}:${two(date.getMinutes())}:${seconds}`
}
