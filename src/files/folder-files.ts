/** Files of a folder, on Node, Deno and Bun. */
import { changed } from './changed.ts'
import { isFileName } from './file-name.ts'
import type { ByteRange, FileStore } from './file-store.ts'
import { mediaTypeOf } from './media-type.ts'
import { type FileHandle, type FileStats, nodeFs } from './node-fs.ts'

/** Bytes of one read: what a reader's budget is too. */
const CHUNK = 65_536
/** Milliseconds. The coarsest clock is that of Deno, which tells a change to the second. */
const JUST_NOW = 2_000
/** There is no such file, or none for us. Anything else is a failure of the machine. */
const ABSENT = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'EPERM', 'EISDIR', 'ENXIO', 'EINVAL']

/**
 * Serves what is in a folder and below it, read-only. Links that lead out of it, folders, devices and whatever begins with
 * a dot do not exist. Give it a path of the operator's, never one of a request.
 *
 * @example
 * ```ts
 * import { folderFiles } from 'edge-sse/files'
 *
 * const file = await folderFiles('demo').get('index.html')
 * console.log(file?.size, file?.type, file?.etag)
 * ```
 */
export const folderFiles = (folder: string): FileStore => ({
  async get(name) {
    const seen = await openFile(folder, name)
    if (!seen) return undefined
    await seen.handle.close()
    const { stats } = seen
    return {
      size: Number(stats.size),
      type: mediaTypeOf(name),
      etag: await etagOf(stats),
      modified: new Date(Number(stats.mtimeNs / 1_000_000n)),
      async open(range = { offset: 0, length: Number(stats.size) }) {
        const file = await openFile(folder, name)
        if (file && identityOf(file.stats) === identityOf(stats)) return bytesOf(file.handle, stats, range)
        await file?.handle.close()
        throw changed()
      },
    }
  },
})

interface OpenFile {
  handle: FileHandle
  stats: FileStats
}

/**
 * First opens, then looks at what was opened: its real path must be a name we would take, below the real folder. So a
 * link that is put there between a look and the opening gains nothing.
 */
async function openFile(folder: string, name: string): Promise<OpenFile | undefined> {
  const fs = nodeFs()
  if (!isFileName(name)) return undefined
  let handle: FileHandle | undefined
  try {
    // Without NONBLOCK the opening of a pipe would wait for its writer, for ever.
    handle = await fs.open(`${folder}/${name}`, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
    const stats = await handle.stat({ bigint: true })
    const root = (await fs.realpath(folder)).replace(/[\\/]$/, '')
    const real = await fs.realpath(`${folder}/${name}`)
    const inside = real.startsWith(root) && /^[\\/]/.test(real.slice(root.length))
    const found = await fs.stat(real, { bigint: true })
    const names = real.slice(root.length + 1).replaceAll('\\', '/')
    if (stats.isFile() && inside && isFileName(names) && found.ino === stats.ino && found.dev === stats.dev)
      return { handle, stats }
  } catch (error) {
    if (!ABSENT.includes((error as { code?: string }).code ?? '')) {
      await handle?.close()
      throw error
    }
  }
  await handle?.close()
  return undefined
}

/** Every write moves a time, and what is put in its place is another inode. Which of the two times can be set by hand. */
const identityOf = ({ dev, ino, size, mtimeNs, ctimeNs }: FileStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join('-')

/**
 * Strong, because what it hashes changes with every write. Only a clock is coarser than a disk is fast: a file that was
 * changed just now could be changed once more at the same time, so until then each answer has a tag of its own.
 */
async function etagOf(stats: FileStats): Promise<string> {
  const settled = Date.now() - Number(stats.ctimeNs / 1_000_000n) > JUST_NOW
  const identity = settled ? identityOf(stats) : crypto.randomUUID()
  // A hash: inode numbers are nobody's business.
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(identity)))
  return `"${btoa(String.fromCharCode(...hash.subarray(0, 15)))}"`
}

/**
 * Reads when it is asked. Before the last bytes it looks whether the file was written to meanwhile, so that none is mixed;
 * one that was replaced by another is still there for who has it open.
 */
function bytesOf(handle: FileHandle, seen: FileStats, { offset, length }: ByteRange): ReadableStream<Uint8Array> {
  let position = offset
  const end = offset + length
  const read = async (): Promise<Uint8Array> => {
    const wanted = Math.min(CHUNK, end - position)
    const chunk = new Uint8Array(wanted)
    const { bytesRead } = wanted > 0 ? await handle.read(chunk, 0, wanted, position) : { bytesRead: 0 }
    position += bytesRead
    if (bytesRead === 0 && wanted > 0) throw changed()
    if (position === end) {
      const { size, mtimeNs } = await handle.stat({ bigint: true })
      if (size !== seen.size || mtimeNs !== seen.mtimeNs) throw changed()
    }
    return chunk.subarray(0, bytesRead)
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await read().catch(async (error: unknown) => {
          await handle.close()
          throw error
        })
        if (chunk.byteLength > 0) controller.enqueue(chunk)
        if (position < end) return
        await handle.close()
        controller.close()
      },
      cancel: () => handle.close(),
    },
    { highWaterMark: 0 },
  )
}
