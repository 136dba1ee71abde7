/** Our readers of an event stream, as those of cases. */
import { BlockParser, isMessage, type ParseOptions, parseMessages } from '../../src/parse.ts'
import { type Cut, everyCut, someCuts } from './cuts.ts'
import type { Read, Seen } from './differences.ts'

const listening = (): { seen: Seen; options: ParseOptions } => {
  const seen: Seen = { order: [], retries: [], comments: [] }
  const options = {
    onId: (id: string) => void seen.order.push(id),
    onRetry: (milliseconds: number) => void seen.retries.push(milliseconds),
    onComment: (text: string) => void seen.comments.push(text),
  }
  return { seen, options }
}

export interface Reader {
  read: Read
  cuts: (bytes: Uint8Array) => Iterable<Cut>
}

export const readers: Record<string, Reader> = {
  BlockParser: {
    cuts: everyCut,
    read: (chunks) => {
      const { seen, options } = listening()
      const parser = new BlockParser(options)
      for (const chunk of chunks)
        for (const block of parser.feed(chunk)) {
          if (block.id !== undefined) seen.order.push(block.id)
          if (isMessage(block)) seen.order.push(block)
        }
      return seen
    },
  },
  // Over the same parser: where it is cut is nothing to it.
  parseMessages: {
    cuts: someCuts,
    read: async (chunks) => {
      const { seen, options } = listening()
      for await (const message of parseMessages(arriving(chunks), options)) seen.order.push(message)
      return seen
    },
  },
}

async function* arriving(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}
