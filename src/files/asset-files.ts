/** Files among a Worker's static assets: https://developers.cloudflare.com/workers/static-assets/binding/ */
import { changed } from './changed.ts'
import { isFileName } from './file-name.ts'
import type { ByteRange, FileStore } from './file-store.ts'
import { mediaTypeOf } from './media-type.ts'

/** What is used of the binding. */
export interface Assets {
  fetch(request: Request): Promise<Response>
}

/** Sizes by tag, which the binding does not tell: counted once for each asset in the life of an isolate. */
const sizes = new Map<string, number>()

/**
 * Serves a Worker's static assets, or those below a folder of them. The binding knows neither sizes nor ranges: an asset is
 * read once to be counted, and a part of it costs what is before it. Pages (`.html`) have addresses of their own there and
 * are no files here; a Worker whose `not_found_handling` answers everything has everything.
 *
 * @example
 * ```ts
 * import { fileStream, problemResponse, SseError } from 'edge-sse'
 * import { assetFiles } from 'edge-sse/cloudflare'
 *
 * export default {
 *   async fetch(request: Request, env: { ASSETS: Fetcher }): Promise<Response> {
 *     const file = await assetFiles(env.ASSETS, 'files').get('primes.csv')
 *     if (!file) return problemResponse(new SseError('not-found', 'Cannot send file: there is none of that name'))
 *     return fileStream(request, file, { name: 'primes.csv' })
 *   },
 * }
 * ```
 */
export const assetFiles = (assets: Assets, folder = ''): FileStore => ({
  async get(name) {
    if (!isFileName(name)) return undefined
    const path = [...(folder === '' ? [] : [folder]), ...name.split('/')].map(encodeURIComponent).join('/')
    const ask = (method: string): Promise<Response> =>
      assets.fetch(new Request(`https://assets.local/${path}`, { method, redirect: 'manual' }))
    const { ok, headers } = await ask('HEAD')
    const etag = headers.get('etag')
    if (!ok || etag === null) return undefined
    const read = async (): Promise<ReadableStream<Uint8Array>> => {
      const { ok, body, headers } = await ask('GET')
      if (ok && headers.get('etag') === etag) return body ?? (new Response('').body as ReadableStream<Uint8Array>)
      await body?.cancel()
      throw changed()
    }
    const size = sizes.get(etag) ?? (await count(await read()))
    sizes.set(etag, size)
    return {
      size,
      type: headers.get('content-type') ?? mediaTypeOf(name),
      etag,
      open: async (range) => (range ? part(await read(), range) : read()),
    }
  },
})

async function count(stream: ReadableStream<Uint8Array>): Promise<number> {
  let bytes = 0
  for await (const chunk of stream) bytes += chunk.byteLength
  return bytes
}

/** Some bytes of a stream: read when they are asked for, and no more than is needed. */
function part(stream: ReadableStream<Uint8Array>, { offset, length }: ByteRange): ReadableStream<Uint8Array> {
  const reader = stream.getReader()
  let position = 0
  const end = offset + length
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        while (position < end) {
          const { value, done } = await reader.read()
          if (done) break
          const from = position
          position += value.byteLength
          if (position <= offset) continue
          controller.enqueue(value.subarray(Math.max(0, offset - from), end - from))
          if (position < end) return
        }
        controller.close()
        await reader.cancel()
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
