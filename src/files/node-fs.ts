/**
 * The little of `node:fs/promises` that files need, the same on Node, Deno and Bun. Asked for when it is used instead of
 * imported: so a Worker's bundle may hold this too, and its types need none of Node's. A test holds it against the real one.
 * https://nodejs.org/api/process.html#processgetbuiltinmoduleid
 */
import { SseError } from '../errors.ts'

export interface NodeFs {
  open(path: string, flags: number): Promise<FileHandle>
  realpath(path: string): Promise<string>
  stat(path: string, options: { bigint: true }): Promise<FileStats>
  constants: { O_RDONLY: number; O_NONBLOCK?: number }
}

export interface FileHandle {
  stat(options: { bigint: true }): Promise<FileStats>
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
  close(): Promise<void>
}

export interface FileStats {
  dev: bigint
  ino: bigint
  size: bigint
  mtimeNs: bigint
  ctimeNs: bigint
  isFile(): boolean
}

declare const process: { getBuiltinModule?(id: 'node:fs/promises'): NodeFs | undefined } | undefined

/** Throws `invalid-option` on a runtime that has no files. */
export function nodeFs(): NodeFs {
  const fs = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:fs/promises')
  if (!fs) throw new SseError('invalid-option', 'Cannot serve a folder: this runtime has no files')
  return fs
}
