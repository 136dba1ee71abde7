/** What a reader makes of a case, beside what it should. Throws nothing, needs no test runner: it runs in pages too. */
import type { ParsedMessage } from '../../src/parse.ts'
import { type Cut, everyLineEnd } from './cuts.ts'
import type { ParseCase } from './parse-case.ts'

export interface Seen {
  /** Messages, and each id as text where it became the last one: before the message of its block. */
  order: (ParsedMessage | string)[]
  retries: number[]
  comments: string[]
}

export type Read = (chunks: Uint8Array[]) => Seen | Promise<Seen>

/** So many are told of one case, which is enough to see what is wrong. */
const TOLD = 5

export const differences = (
  parseCase: ParseCase,
  read: Read,
  cuts: (bytes: Uint8Array) => Iterable<Cut>,
): Promise<string[]> =>
  differing(parseCase, async (chunks) => plain(await read(chunks)), plain(seenIn(parseCase)), cuts)

/** The same for what may be seen in any way. */
export async function differing<Found>(
  { stream, asIs }: ParseCase,
  read: (chunks: Uint8Array[]) => Promise<Found>,
  wanted: Found,
  cuts: (bytes: Uint8Array) => Iterable<Cut>,
): Promise<string[]> {
  const expected = JSON.stringify(wanted)
  const found: string[] = []
  for (const { name, bytes } of everyLineEnd(stream, asIs))
    for (const cut of cuts(bytes)) {
      const actual = JSON.stringify(await read(cut.chunks))
      if (actual !== expected) found.push(`${name}, ${cut.name}: ${actual} in place of ${expected}`)
      if (found.length === TOLD) return found
    }
  return found
}

function seenIn({ blocks, retries = [], comments = [] }: ParseCase): Seen {
  const order = blocks.flatMap((block): Seen['order'] => [
    ...(block.id === undefined ? [] : [block.id]),
    ...('data' in block ? [block] : []),
  ])
  return { order, retries, comments }
}

/** The same for what is the same: absent or undefined, in any order of keys. */
const plain = ({ order, retries, comments }: Seen): Seen => ({
  order: order.map((one) => (typeof one === 'string' ? one : { data: one.data, event: one.event, id: one.id })),
  retries,
  comments,
})

export const textOf = (seen: Seen): string => JSON.stringify(plain(seen))
