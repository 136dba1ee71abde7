/** The demo pages from their folder, under the names that a Worker's assets give them: `/room` is `room.html`. */
import { fileURLToPath } from 'node:url'
import { fileStream } from '../file-stream.ts'
import type { FileStore } from '../files/file-store.ts'
import { folderFiles } from '../files/folder-files.ts'

const demo = fileURLToPath(new URL('../../demo', import.meta.url))
const pages = folderFiles(demo)

/** What there is to download. */
export const demoFiles: FileStore = folderFiles(`${demo}/files`)

/** 404 where there is none; `/room.html` redirects to `/room`. */
export async function folderPages(request: Request): Promise<Response> {
  const path = decoded(new URL(request.url).pathname.slice(1))
  if (path.endsWith('.html')) return redirect(`/${path.replace(/(^|(?<=\/))index\.html$|\.html$/, '')}`)
  const file = (await pages.get(path)) ?? (await pages.get(path === '' ? 'index.html' : `${path}.html`))
  return file ? fileStream(request, file, { disposition: 'inline' }) : new Response(null, { status: 404 })
}

const redirect = (location: string): Response => new Response(null, { status: 307, headers: { location } })

/** What does not decode is the name of no file. */
const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
