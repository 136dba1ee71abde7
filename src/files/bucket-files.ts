/** Files of an R2 bucket: https://developers.cloudflare.com/r2/api/workers/workers-api-reference/ */
import { changed } from './changed.ts'
import { isFileName } from './file-name.ts'
import type { ByteRange, FileStore } from './file-store.ts'
import { mediaTypeOf } from './media-type.ts'

/** What is used of a bucket. */
export interface Bucket {
  head(key: string): Promise<BucketObject | null>
  get(key: string, options: BucketGetOptions): Promise<BucketObject | BucketBody | null>
}

interface BucketGetOptions {
  onlyIf: { etagMatches: string }
  range?: ByteRange
}

interface BucketObject {
  size: number
  /** The hash of what is in it. */
  etag: string
  /** The same in quotes. */
  httpEtag: string
  uploaded: Date
  httpMetadata?: { contentType?: string }
}

interface BucketBody extends BucketObject {
  body: ReadableStream<Uint8Array>
}

/**
 * Serves the objects of an R2 bucket, or those below a folder of it. The type is the one an object was stored with, else
 * that of its extension.
 *
 * @example
 * ```ts
 * import { fileStream, problemResponse, SseError } from 'edge-sse'
 * import { bucketFiles } from 'edge-sse/cloudflare'
 *
 * export default {
 *   async fetch(request: Request, env: { FILES: R2Bucket }): Promise<Response> {
 *     const file = await bucketFiles(env.FILES, 'public').get('primes.csv')
 *     if (!file) return problemResponse(new SseError('not-found', 'Cannot send file: there is none of that name'))
 *     return fileStream(request, file, { name: 'primes.csv' })
 *   },
 * }
 * ```
 */
export const bucketFiles = (bucket: Bucket, folder = ''): FileStore => ({
  async get(name) {
    if (!isFileName(name)) return undefined
    const key = folder === '' ? name : `${folder}/${name}`
    const object = await bucket.head(key)
    if (!object) return undefined
    const { size, etag, httpEtag, uploaded, httpMetadata } = object
    return {
      size,
      type: httpMetadata?.contentType ?? mediaTypeOf(name),
      etag: httpEtag,
      modified: uploaded,
      async open(range) {
        const found = await bucket.get(key, { onlyIf: { etagMatches: etag }, ...(range && { range }) })
        // One that is not the one asked for comes without its body.
        if (!found || !('body' in found)) throw changed()
        return found.body
      },
    }
  },
})
