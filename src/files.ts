// `edge-sse/files`: files of a folder, on Node, Deno and Bun.
export type { ByteRange, FileStore, StoredFile } from './files/file-store.ts'
export { folderFiles } from './files/folder-files.ts'
