/** A page of the model taken apart, block by block, by a parser that is not ours. */
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { Page } from '../../src/rooms/bridge.ts'

export interface Block {
  message: EventSourceMessage
  bytes: number
  /** False for what the stream says of itself. */
  isEvent: boolean
}

const parsed = new WeakMap<Page, Block[]>()

export function blocksOf(page: Page): Block[] {
  const known = parsed.get(page)
  if (known) return known
  const blocks: Block[] = []
  let text = ''
  const parser = createParser({
    onEvent: (message) => {
      blocks.push({ message, bytes: Buffer.byteLength(text), isEvent: !message.event?.startsWith('stream.') })
    },
  })
  for (const each of page.blocks.split(/(?<=\n\n)/)) {
    text = each
    parser.feed(each)
  }
  parsed.set(page, blocks)
  return blocks
}
