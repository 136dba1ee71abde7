/** A reader of a room in code: the pages that a stream would carry, as messages. */
import { SseError } from '../errors.ts'
import { BlockParser, isMessage } from '../parse.ts'
import type { RoomBackend } from './backend.ts'
import type { Page, Position } from './bridge.ts'
import { parseCursor } from './cursor.ts'
import { checkFrom } from './from.ts'
import { Reader } from './reader.ts'
import type { Gap, ReadOptions, RoomMessage } from './room.ts'

export function read(backend: RoomBackend, options: ReadOptions = {}): AsyncIterable<RoomMessage | Gap> {
  const {
    after = '',
    live = true,
    from = live ? 'live' : 'start',
    limit = Number.POSITIVE_INFINITY,
    subject = '',
  } = options
  if (!((Number.isSafeInteger(limit) && limit >= 0) || limit === Number.POSITIVE_INFINITY))
    throw new SseError('invalid-option', 'Cannot read: `limit` is not a whole number', { field: 'limit' })
  const start = checkFrom(from)
  const position = after === '' ? start : (parseCursor(after) ?? 'malformed')
  return {
    [Symbol.asyncIterator]() {
      const left = new AbortController()
      const leave = (): void => {
        options.signal?.removeEventListener('abort', leave)
        left.abort()
      }
      if (options.signal?.aborted) leave()
      else options.signal?.addEventListener('abort', leave)
      const batches = live
        ? liveMessages(backend, position, subject, left.signal)
        : messagesToHead(backend, position, left.signal)
      const messages = oneByOne(batches, limit, left.signal, leave)
      return {
        next: () => messages.next(),
        // Heard while `next` waits too: a generator alone would only close after its next message.
        return: () => {
          leave()
          return messages.return()
        },
      }
    },
  }
}

/** The messages of a page. */
type Batch = (RoomMessage | Gap)[]

async function* oneByOne(
  batches: AsyncIterable<Batch>,
  limit: number,
  signal: AbortSignal,
  leave: () => void,
): AsyncGenerator<RoomMessage | Gap, void, undefined> {
  let left = limit
  try {
    for await (const batch of batches) {
      for (const message of batch) {
        if (signal.aborted || left <= 0) return
        if ('data' in message) left--
        yield message
      }
      if (left <= 0) return
    }
  } finally {
    leave() // However it ends, nobody is a subscriber any more.
  }
}

/** Everything up to what is there now, however much is published meanwhile. */
async function* messagesToHead(backend: RoomBackend, start: Position, signal: AbortSignal): AsyncGenerator<Batch> {
  const gone = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const ask = async (position: Position, first: boolean): Promise<Page | undefined> =>
    signal.aborted ? undefined : Promise.race([backend.page(position, first), gone])
  let page = await ask(start, true)
  // A page that does not reach the head says nothing of where that is.
  const head = page?.live === 0 ? await ask('live', false) : page
  if (!head) return
  const upTo = head.to.seq
  while (page) {
    yield messagesIn(page).filter((message) => 'gap' in message || (parseCursor(message.id)?.seq ?? 0) <= upTo)
    if (page.live > 0 || page.to.seq >= upTo) return
    page = await ask(page.to, false)
  }
}

/** What comes without end; while nobody takes it, it is left in the log. */
async function* liveMessages(
  backend: RoomBackend,
  position: Position,
  subject: string,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const pages: Page[] = []
  let queued = 0
  let state: 'open' | 'ended' | 'lost' = 'open'
  let wake = (): void => {}
  let onDrained: (() => void) | undefined
  const done = (how: 'ended' | 'lost'): void => {
    state = how
    wake()
  }
  const reader = new Reader(
    backend.connect,
    {
      get full() {
        return queued >= backend.budget
      },
      whenDrained: (call) => {
        onDrained = call
      },
      put: (page) => {
        pages.push(page)
        queued += page.bytes.byteLength
        wake()
      },
      live: () => {},
      finish: () => done('ended'),
      lost: () => done('lost'),
    },
    { position, subject },
  )
  const leave = (): void => {
    reader.leave()
    done('ended')
  }
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })
  const opened = await reader.open().catch((cause: unknown) => {
    if (cause instanceof SseError) throw cause
    throw new SseError('storage-unavailable', 'Cannot read: the room did not answer', { cause })
  })
  if (opened === 'read') return
  while (!signal.aborted) {
    const page = pages.shift()
    if (page) {
      queued -= page.bytes.byteLength
      yield messagesIn(page)
      const call = onDrained
      onDrained = undefined
      call?.()
    } else if (state === 'open') {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    } else if (state === 'lost') {
      throw new SseError('storage-unavailable', 'Cannot read: the room could not be reached for 30 s')
    } else return
  }
}

/** The events of a page, and its gap; how many read is not part of what was said. */
function messagesIn(page: Page): Batch {
  const messages: Batch = []
  for (const block of new BlockParser({ maxLength: Number.POSITIVE_INFINITY }).feed(page.blocks)) {
    if (!isMessage(block) || block.id === undefined) continue
    const { id, event, data } = block
    if (event === 'stream.gap') messages.push({ id, event, gap: JSON.parse(data) })
    else messages.push(event === undefined ? { id, data } : { id, event, data })
  }
  return messages
}
