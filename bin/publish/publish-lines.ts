/** Batch after batch, one under way at a time: that keeps their order. */
import { sentences } from '../refusal.ts'
import { type Batch, batches } from './batches.ts'
import { type DeliverTerms, type Delivery, deliver, Undelivered } from './deliver.ts'
import { BadLine, type Lines } from './encoded-lines.ts'

export interface Count {
  events: number
  /** Of those, what an earlier attempt had published. */
  before: number
}

export interface PublishTerms extends DeliverTerms {
  /** Under which it all happens once; each batch adds its number. */
  run: string
  /** Called after each batch that was published. */
  onProgress(count: Count): void
}

/** Throws an `Error` that says which lines could not be published, and why (`cause`: an `Undelivered`, where one is); `onProgress` has said how many were. */
export async function publishLines(lines: Lines, { run, onProgress, ...terms }: PublishTerms): Promise<void> {
  const count: Count = { events: 0, before: 0 }
  let number = 0
  try {
    for await (const batch of batches(lines)) {
      const { duplicate } = await deliver(deliveryOf(batch, `${run}-${++number}`), terms).catch((error: unknown) => {
        throw error instanceof Undelivered ? new BadLine(range(batch), located(error, batch), error) : error
      })
      count.events += batch.length
      if (duplicate) count.before += batch.length
      onProgress(count)
    }
  } catch (error) {
    if (terms.signal.aborted) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(error instanceof BadLine ? `Cannot publish ${message}` : `Cannot publish: ${message}`, {
      cause: error instanceof BadLine ? error.cause : error,
    })
  }
}

function deliveryOf(batch: Batch, key: string): Delivery {
  const [first, ...rest] = batch
  return rest.length === 0
    ? { key, type: 'application/json', body: first.json }
    : { key, type: 'application/x-ndjson', body: batch.map(({ json }) => json).join('\n') }
}

function range([first, ...rest]: Batch): string {
  const last = rest.at(-1)
  return last ? `lines ${first.number} to ${last.number}` : `line ${first.number}`
}

/** Where the server names a line, it is one of the batch: here it is one of the input. */
function located({ message: said, isUnknown, help }: Undelivered, batch: Batch): string {
  const message = said.replace(/^Cannot (publish|answer): /, '')
  const [, at] = / \(line (\d{1,4})\)$/.exec(message) ?? []
  const line = batch[Number(at) - 1]
  const state = line ? message.replace(/ \(line \d+\)$/, ` (line ${line.number})`) : message
  return sentences(state, isUnknown ? 'Whether they are published is unknown' : undefined, help)
}
