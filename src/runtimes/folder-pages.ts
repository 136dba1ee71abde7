/** The demo pages from their folder, under the names that a Worker's assets give them: `/room` is `room.html`. */
import { fileURLToPath } from 'node:url'
import type { StoredFile } from '../files/file-store.ts'
import { folderFiles } from '../files/folder-files.ts'

const files = folderFiles(fileURLToPath(new URL('../../demo', import.meta.url)))

/** 404 where there is none; `/room.html` redirects to `/room`. */
export async function folderPages(request: Request): Promise<Response> {
  const path = decoded(new URL(request.url).pathname.slice(1))
  if (/(^|\/)index\.html$|\.html$/.test(path)) return redirect(`/${path.replace(/(index)?\.html$/, '')}`)
  const file = (await files.get(path)) ?? (await files.get(path === '' ? 'index.html' : `${path}.html`))
  return file ? answer(request, file) : new Response(null, { status: 404 })
}

/** What does not decode is the name of no file. */
const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

const redirect = (location: string): Response => new Response(null, { status: 307, headers: { location } })

async function answer(request: Request, file: StoredFile): Promise<Response> {
  const headers = { etag: file.etag, 'cache-control': 'no-cache', 'content-type': file.type }
  if (request.headers.get('if-none-match') === file.etag) return new Response(null, { status: 304, headers })
  return new Response(await file.open(), { headers })
}
