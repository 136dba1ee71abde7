/** The files of a handler that stands alone: those its runtime has for it. */
import { type Assets, assetFiles } from './asset-files.ts'
import { type Bucket, bucketFiles } from './bucket-files.ts'
import type { FileStore } from './file-store.ts'
import { folderFiles } from './folder-files.ts'

declare const process: { env?: Record<string, string | undefined> } | undefined

/** What Workers hand over beside a request; other runtimes hand over other things. */
interface Bindings {
  FILES?: Bucket
  ASSETS?: Assets
}

/**
 * On Workers the bucket `env.FILES`, else the assets `env.ASSETS`. Elsewhere the folder that the environment calls `FILES`,
 * or `./files`; it is looked for when a file is, so that nobody needs rights for what is not used.
 */
export function ownFiles(surroundings: unknown): FileStore {
  const { FILES, ASSETS } = (surroundings ?? {}) as Bindings
  if (typeof FILES?.head === 'function') return bucketFiles(FILES)
  if (typeof ASSETS?.fetch === 'function') return assetFiles(ASSETS)
  const folder = (): string => (typeof process === 'undefined' ? undefined : process.env?.FILES) ?? './files'
  return { get: async (name) => folderFiles(folder()).get(name) }
}
