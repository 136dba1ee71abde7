/** The lines of an input, numbered and encoded one by one. */
import { type EncodedLine, encodeLine, type LineFormat } from './encode-line.ts'
import { PAUSED } from './paced.ts'
import { LineSplitter } from './split-lines.ts'

export interface LineTerms {
  format: LineFormat
  /** The name of each event. */
  event: string | undefined
}

export interface NumberedLine extends EncodedLine {
  /** From 1. */
  number: number
}

export type Lines = AsyncIterable<NumberedLine | typeof PAUSED>

/** A line that cannot be published, or several. */
export class BadLine extends Error {
  constructor(where: number | string, state: string, cause?: unknown) {
    super(`${typeof where === 'number' ? `line ${where}` : where}: ${state}`, { cause })
  }
}

/** Bytes of a line: a body holds no more. */
const LONGEST = 1_048_576

/** Blank lines are left out, and counted, where lines are JSON. Throws a `BadLine`. */
export async function* encodedLines(
  chunks: AsyncIterable<Uint8Array | typeof PAUSED>,
  terms: LineTerms,
): AsyncGenerator<NumberedLine | typeof PAUSED> {
  const splitter = new LineSplitter(LONGEST)
  let number = 0
  const encoded = function* (lines: Iterable<Buffer>): Generator<NumberedLine> {
    try {
      for (const bytes of lines) {
        number++
        const line = encode(bytes, terms)
        if (line) yield { number, ...line }
      }
    } catch (error) {
      // The splitter's: of the line that comes next.
      if (error instanceof RangeError) throw new BadLine(number + 1, 'it is longer than 1 MiB')
      throw new BadLine(number, error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message)
    }
  }
  for await (const chunk of chunks)
    if (chunk === PAUSED) yield PAUSED
    else yield* encoded(splitter.push(chunk))
  yield* encoded(splitter.end())
}

/** The same of words of a command line: each is a line, whatever breaks it holds. Throws a `BadLine`. */
export async function* encodedWords(words: string[], { format, event }: LineTerms): AsyncGenerator<NumberedLine> {
  for (const [index, word] of words.entries()) {
    try {
      yield { number: index + 1, ...encodeLine(word, format, event) }
    } catch (error) {
      throw new BadLine(index + 1, (error as Error).message)
    }
  }
}

function encode(bytes: Buffer, { format, event }: LineTerms): EncodedLine | undefined {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  return format !== 'text' && text.trim() === '' ? undefined : encodeLine(text, format, event)
}
