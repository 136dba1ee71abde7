/**
 * Lines that the sender did not mean to write: data, a name or an id with a line break in it, put into the stream as it
 * stands. Whoever can say such a thing forges events (CVE-2026-33128, CVE-2026-29085). From outside it is seen where it
 * makes what no encoder writes.
 */
import type { Answer } from './answer.ts'
import type { Block, Field, Line } from './block.ts'
import { KNOWN } from './block.ts'
import { error, type Judgement, quoted } from './finding.ts'

export interface Forged {
  line: Line
  /** How it is seen. */
  how: string
}

export function* forged(answer: Answer): Generator<Judgement> {
  const found = forgedLines(answer)
  const [first] = found
  if (!first) return
  yield error('forged-field', {
    what: `A line seems to come from inside a value: ${quoted(first.line.text)} ${first.how}${found.length > 1 ? `, and ${found.length - 1} more` : ''}`,
    why: 'A line break in data, a name or an id was sent as it is: readers lose what follows, or take it for a field, so whoever writes it forges events',
    fix: 'Split data at CRLF, CR and LF, and begin each line with `data: `; refuse line breaks in `event` and `id`',
  })
}

export function forgedLines({ wire }: Answer): Forged[] {
  const isByLf = mostlyLf(wire.lines)
  const found = wire.blocks.flatMap((block) => [...inBlock(block), ...(isByLf ? afterCr(block) : [])])
  const seen = new Set<Line>()
  return found.filter(({ line }) => !seen.has(line) && seen.add(line))
}

function* inBlock({ fields }: Block): Generator<Forged> {
  const seen = new Set<string>()
  let before: Field | undefined
  for (const field of fields) {
    const { name, line } = field
    if ((name === 'event' || name === 'id') && seen.has(name))
      yield { line, how: `is a second \`${name}\` of one event` }
    if (name === 'data' && before !== undefined && before.name !== 'data' && seen.has('data'))
      yield { line: before.line, how: 'stands between two lines of its data' }
    if (!KNOWN.has(name) && seen.has('data') && !isName(field))
      yield { line, how: 'follows a line of data, and is no field' }
    seen.add(name)
    before = field
  }
}

/** What could be the field of somebody's own. */
const isName = ({ name, line }: Field): boolean => /^[A-Za-z][\w-]*$/.test(name) && line.text.includes(':')

/** Of lines that end in LF, one that ends in CR has it inside a value: its encoder looked for LF alone. */
function* afterCr({ fields }: Block): Generator<Forged> {
  for (const [index, { line }] of fields.entries())
    if (fields[index - 1]?.line.end === 'cr') yield { line, how: 'follows a CR, where all other lines end in LF' }
}

/** Rare CRs are not its way of ending lines. */
function mostlyLf(lines: Line[]): boolean {
  const cr = lines.filter(({ end }) => end === 'cr').length
  return cr > 0 && cr * 4 <= lines.length && lines.every(({ end }) => end !== 'crlf')
}
