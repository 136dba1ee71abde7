/** A file, with its length, its name and any one part of it: https://www.rfc-editor.org/rfc/rfc9110#section-14 */
import { bodyStream } from './body-stream.ts'
import { byteRange } from './byte-range.ts'
import { contentDisposition } from './content-disposition.ts'
import { SseError } from './errors.ts'
import { changed } from './files/changed.ts'
import type { ByteRange, StoredFile } from './files/file-store.ts'
import { ifRange, precondition } from './preconditions.ts'
import { problemResponse } from './problem.ts'
import type { StreamWriterOptions } from './stream-writer.ts'

export interface FileStreamOptions extends Omit<StreamWriterOptions, 'status'> {
  /** What the file is called where it is saved. Defaults to the last part of the address. */
  name?: string | undefined
  /** Whether it is saved or shown. Defaults to `attachment`: shown, a stranger's file acts in the name of your site. */
  disposition?: 'attachment' | 'inline' | undefined
}

/**
 * Answers GET and HEAD with a file: 200 and the whole, 206 and the one `Range` that is asked for, 304 to who has it, 412 or
 * 416 as a problem. A download that was cut resumes byte by byte with `Range` and `If-Range`, and starts anew where the file
 * is another one by now.
 *
 * The file is read as its reader takes it, and closed when the reader leaves. One that fails, or ends before it should, is
 * broken off: a part never looks like the whole. That goes to `onError`; before the first byte it is a problem response.
 *
 * @example
 * ```ts
 * import { fileStream } from 'edge-sse'
 * import { folderFiles } from 'edge-sse/files'
 *
 * const files = folderFiles('demo')
 *
 * export default {
 *   async fetch(request: Request): Promise<Response> {
 *     const file = await files.get('index.html')
 *     if (!file) return new Response('There is none', { status: 404 })
 *     return fileStream(request, file, { name: 'edge-sse.html' })
 *   },
 * }
 * ```
 */
export async function fileStream(
  request: Request,
  file: StoredFile,
  { name, disposition = 'attachment', headers: init, ...options }: FileStreamOptions = {},
): Promise<Response> {
  const { size, etag } = file
  // One from the future would be a validator that does not hold: section 8.8.2.1.
  const modified = file.modified && file.modified.getTime() <= Date.now() ? file.modified : undefined
  const headers = new Headers(init)
  headers.set('etag', etag)
  headers.set('accept-ranges', 'bytes')
  if (modified) headers.set('last-modified', modified.toUTCString())
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-cache, no-transform')

  const refused = precondition(request, { etag, modified })
  if (refused === 304) return new Response(null, { status: 304, headers })
  if (refused === 412)
    return problemResponse(
      new SseError('precondition-failed', 'Cannot send file: it is not the one that was asked for'),
    )
  const asked = request.method === 'GET' && ifRange(request, { etag, modified }) ? request.headers.get('range') : null
  const range = byteRange(asked, size)
  if (range === 'unsatisfiable') {
    const error = new SseError('range-not-satisfiable', 'Cannot send file: it has no such range, or these are too many')
    return problemResponse(error, { 'content-range': `bytes */${size}` })
  }
  const { offset, length } = range ?? { offset: 0, length: size }
  if (range) headers.set('content-range', `bytes ${offset}-${offset + length - 1}/${size}`)
  headers.set('content-length', String(length))
  headers.set('content-type', file.type)
  headers.set('content-disposition', contentDisposition(disposition, name))
  return bodyStream(
    request,
    ({ signal }) => bytesOf(file, { offset, length }, signal),
    (bytes) => bytes,
    {
      ...options,
      status: range ? 206 : 200,
      headers,
    },
  )
}

/** Exactly as many bytes as were announced, or none of what is too few or too many passes for all. */
async function* bytesOf(
  file: StoredFile,
  range: ByteRange,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = range.length
  if (left === 0) return
  const reader = (await file.open(range)).getReader()
  const leave = (): void => void reader.cancel().catch(() => {}) // A file that cannot be closed is nobody's answer.
  // A store that is silent would not let the generator reach its end.
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      left -= next.value.byteLength
      if (left < 0) throw changed()
      yield next.value
    }
    if (left > 0 && !signal.aborted) throw changed()
  } finally {
    leave()
  }
}
