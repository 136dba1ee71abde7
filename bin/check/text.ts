/** Bytes and lines: what is legal and odd, and what readers cannot read. */
import type { Answer } from './answer.ts'
import type { Line } from './block.ts'
import { counted, error, type Judgement, note, quoted, warning } from './finding.ts'

/** Bytes of a line that many readers hold: 64 KiB is the limit of line readers in Go, 1 MiB that of edge-sse. */
const LONG = { some: 65_536, many: 1_048_576 }

export function* text({ wire, end }: Answer): Generator<Judgement> {
  const { lines } = wire
  const isBroken = (line: Line): boolean => !line.isUtf8
  const broken = lines.filter(isBroken)
  if (broken[0])
    yield error('utf-8', {
      what: `${counted(broken.length, 'line')} of bytes that are no UTF-8: ${quoted(broken[0].text)}`,
      why: 'Readers see \ufffd in their place',
      fix: 'Encode as UTF-8, and cut text between characters, never between bytes',
    })
  if (wire.hasBom)
    yield note('line', { what: 'It begins with a byte order mark', fix: 'Leave it out: not every reader takes it off' })
  const ends = [...new Set(lines.map((line) => line.end))]
  if (ends.length > 1)
    yield note('line', {
      what: `Lines end in more than one way: ${ends.join(', ').toUpperCase()}`,
      fix: 'Legal, but end them all with LF: readers that were written in a hurry know no other',
    })
  else if (ends[0] === 'cr')
    yield note('line', { what: 'Lines end in CR', fix: 'Legal, but end them with LF: some readers do not know CR' })
  const nul = lines.find((line) => line.text.includes('\0'))
  if (nul)
    yield warning('line', {
      what: `There are NULs: ${quoted(nul.text)}`,
      why: 'An id with one does not count, and much of what handles text stops at one',
      fix: 'Encode data that is not text, as JSON or Base64',
    })
  const longest = Math.max(0, wire.rest.byteLength, ...lengths(lines))
  if (longest > LONG.some) {
    const texts = {
      what: `A line has ${longest}${end === 'full' && wire.rest.byteLength === longest ? ' bytes or more' : ' bytes'}`,
      why: 'Readers hold so much of a line and no more: 64 KiB in some, 1 MiB in many',
      fix: 'Send less at once, or where to get it',
    }
    yield longest > LONG.many ? warning('line', texts) : note('line', texts)
  }
}

/** The longest alone: there may be more lines than a call takes arguments. */
const lengths = (lines: Line[]): number[] => [lines.reduce((most, { bytes }) => Math.max(most, bytes), 0)]
