/** What the test of parsing runs in a page: our readers there, and the one that the browser itself has. */
import { clients, TYPES } from '../parse/clients.ts'
import { differences } from '../parse/differences.ts'
import { parseCases } from '../parse/parse-cases.ts'
import { type Reader, readers } from '../parse/readers.ts'
import type { Shown } from '../parse/shown.ts'

export interface Asked {
  path: string
  /** Whether it is waited for until it has come back. */
  again: boolean
}

export interface ParsePage {
  ours(reader: string): Promise<Record<string, string[]>>
  native(streams: Asked[]): Promise<Shown[][]>
}

declare global {
  var parsePage: ParsePage
}

/** By name of the case: what that reader makes of it, and should not. */
async function ours(reader: string): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  const { read, cuts } = (readers[reader] ?? {}) as Reader
  for (const each of parseCases) found[each.name] = await (clients[reader]?.(each) ?? differences(each, read, cuts))
  return found
}

/** All messages of a stream that ends: until the server says 204 to it when it comes back, or until it would. */
function shown({ path, again }: Asked): Promise<Shown[]> {
  return new Promise((resolve) => {
    const messages: Shown[] = []
    const source = new EventSource(path)
    for (const type of TYPES)
      source.addEventListener(type, ({ data, lastEventId }: MessageEvent<string>) => {
        messages.push({ type, data, lastEventId })
      })
    source.addEventListener('error', () => {
      if (again && source.readyState !== EventSource.CLOSED) return
      source.close()
      resolve(messages)
    })
  })
}

globalThis.parsePage = { ours, native: (streams) => Promise.all(streams.map(shown)) }
