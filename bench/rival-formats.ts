/**
 * How others make the text of a message: better-sse, Hono and h3, each at its fastest. h3 exports only a stream that
 * formats, encodes and writes, Hono's method does all three at once: so that text is compared with text, the function
 * of h3 is exported as it is loaded, and what waits and writes is taken out of Hono's.
 */
import { registerHooks } from 'node:module'
import type { Message } from '../src/message.ts'

export type Format = (message: Message) => string

type TextFormat = (message: { event: string | undefined; id: string | undefined; data: string }) => string

/** What is changed in a module as it is loaded, each exactly once: another version that looks otherwise is refused. */
const changes: Record<string, [find: string | RegExp, replace: string][]> = {
  '/h3/dist/h3.mjs': [[/$/, '\nexport { formatEventStreamMessage }']],
  '/hono/dist/helper/streaming/sse.js': [
    ['async writeSSE', 'writeSSE'],
    [/\(await resolveCallback\(message\.data,[^)]*\)\)/, 'message.data'],
    ['await this.write(sseData)', 'return sseData'],
  ],
}

export async function rivalFormats(): Promise<Record<string, Format>> {
  const hooks = registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      const wanted = Object.entries(changes).find(([path]) => url.endsWith(path))?.[1]
      return wanted ? { ...loaded, source: changed(String(loaded.source), wanted, url) } : loaded
    },
  })
  const { createEventBuffer } = await import('better-sse')
  const h3: { formatEventStreamMessage: TextFormat } = await import(
    new URL('node_modules/h3/dist/h3.mjs', import.meta.url).href
  )
  const { SSEStreamingApi } = await import('hono/streaming')
  hooks.deregister()
  const hono = SSEStreamingApi.prototype as unknown as { writeSSE: TextFormat }
  const buffer = createEventBuffer()
  const plain = createEventBuffer({ serializer: String })
  return {
    // It writes JSON unless told otherwise, and a line break as it is when told: so only one line goes without JSON.
    'better-sse': ({ data, event, id }) => {
      const is = typeof data === 'string' && !data.includes('\n') ? plain : buffer
      return is.clear().push(data, event, id).read()
    },
    Hono: ({ data, event, id }) => hono.writeSSE({ event, id, data: textOf(data) }),
    h3: ({ data, event, id }) => h3.formatEventStreamMessage({ event, id, data: textOf(data) }),
  }
}

function changed(source: string, wanted: [string | RegExp, string][], url: string): string {
  return wanted.reduce((text, [find, replace]) => {
    if (text.split(find).length !== 2 && String(find) !== '/$/')
      throw new Error(`Cannot measure ${url}: ${find} is not in it once`)
    return text.replace(find, () => replace)
  }, source)
}

/** Both take text alone: what is not is their user's to encode. */
const textOf = (data: unknown): string => (typeof data === 'string' ? data : JSON.stringify(data))
