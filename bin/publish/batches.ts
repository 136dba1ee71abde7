/** Lines gathered into batches: as many as a room takes at once, or as many as have come when the input pauses. */
import { BadLine, type Lines, type NumberedLine } from './encoded-lines.ts'
import { PAUSED } from './paced.ts'

/** At least one line, in order. */
export type Batch = [NumberedLine, ...NumberedLine[]]

/** What a room takes at once: README, "Limits, in plain words". */
const MOST = { lines: 1_000, bytes: 1_048_576 }

/** No more than one batch is kept. A `BadLine` is thrown after all that is before it was given. */
export async function* batches(lines: Lines): AsyncGenerator<Batch> {
  let batch: NumberedLine[] = []
  let bytes = 0
  const take = function* (): Generator<Batch> {
    const [first, ...rest] = batch
    batch = []
    bytes = 0
    if (first) yield [first, ...rest]
  }
  try {
    for await (const line of lines) {
      // A line that is too large by itself goes out alone: to refuse it is the server's.
      if (line === PAUSED || batch.length >= MOST.lines || bytes + line.bytes > MOST.bytes) yield* take()
      if (line === PAUSED) continue
      batch.push(line)
      bytes += line.bytes
    }
  } catch (error) {
    if (error instanceof BadLine) yield* take()
    throw error
  }
  yield* take()
}
