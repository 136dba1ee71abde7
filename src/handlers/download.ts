// GET /download/:name
// A file with its length, name, ETag and any one part of it: a download that was cut resumes where it stopped.
// Alone, its files are the bucket `env.FILES` or the assets on Workers, elsewhere the folder FILES, or ./files.
import { type App, fileName, fileStream, SseError, type Standalone, standalone } from 'edge-sse'

export const handler = async (request: Request, { files }: App): Promise<Response> => {
  const name = fileName(request)
  const file = await files.get(name)
  if (!file) throw new SseError('not-found', 'Cannot send file: there is none of that name')
  return fileStream(request, file, { name: name.split('/').at(-1) })
}

const server: Standalone = standalone(handler)
export default server
