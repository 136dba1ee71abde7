/** What every `FileStore` promises: run on a folder by `folder-files.test.ts`, on a bucket and assets in workerd. */
import { expect, it } from 'vitest'
import type { FileStore, StoredFile } from '../../src/files/file-store.ts'
import { STORED } from './stored.ts'

export const bytesOf = async (stream: ReadableStream<Uint8Array>): Promise<Uint8Array> =>
  new Uint8Array(await new Response(stream).arrayBuffer())

/** Names that are no files, whoever asks: the corpus of bad input, rows 50 and 51. */
export const ABSENT: string[] = [
  ...['', '.', '..', '/', '\\', 'none.txt', 'folder', 'folder/', 'folder/deep', 'report.csv/', 'report.csv/x', '\0'],
  ...[
    '/etc/passwd',
    '../../etc/passwd',
    '../../../../../../../../etc/passwd',
    '..\\..\\etc\\passwd',
    'folder/../report.csv',
  ],
  ...['./report.csv', 'folder//deep', '//etc/passwd', '%2e%2e/etc/passwd', '..%2f..%2fetc%2fpasswd', '%252e%252e'],
  ...['file:///etc/passwd', 'file:report.csv', 'C:\\windows\\win.ini', 'C:/windows/win.ini', 'report.csv::$DATA'],
  ...[
    'report.csv\0',
    'report.csv\0.txt',
    '\0report.csv',
    'report.csv\n',
    'a\ud800',
    'report%2ecsv',
    'report.csv?',
    'report.csv#',
  ],
  ...['.env', 'folder/.env', '.git/config', '~', '~root', 'x'.repeat(300), 'x'.repeat(100_000), '../'.repeat(10_000)],
]

const present = async (store: FileStore, name: string): Promise<StoredFile> => {
  const file = await store.get(name)
  if (!file) throw new Error(`There is no ${name}`)
  return file
}

/** Registers the tests. `store` holds what `STORED` says. */
export function fileStoreContract(store: () => FileStore): void {
  it.each(Object.entries(STORED))('gives %s whole', async (name, bytes) => {
    const file = await present(store(), name)
    expect(file.size).toBe(bytes.byteLength)
    expect(await bytesOf(await file.open())).toEqual(bytes)
  })

  it('gives any part of a file', async () => {
    const name = 'folder/deep/größe 100%.bin'
    const bytes = STORED[name] as Uint8Array
    const file = await present(store(), name)
    for (const [offset, length] of [
      [0, 1],
      [0, 300_000],
      [1, 65_536],
      [65_535, 2],
      [131_072, 65_536],
      [299_999, 1],
      [150_000, 150_000],
    ] as const)
      expect(await bytesOf(await file.open({ offset, length }))).toEqual(bytes.subarray(offset, offset + length))
  })

  it('knows the type by the extension, and the same strong tag for the same bytes', async () => {
    const file = await present(store(), 'report.csv')
    expect(file.type).toMatch(/^text\/csv(; charset=utf-8)?$/)
    expect(file.etag).toMatch(/^"[\x21\x23-\x7e]+"$/)
    expect((await present(store(), 'report.csv')).etag).toBe(file.etag)
    const other = await present(store(), 'folder/deep/größe 100%.bin')
    expect(other.type).toBe('application/octet-stream')
    expect(other.etag).not.toBe(file.etag)
  })

  it.each(ABSENT)('has no %j', async (name) => {
    expect(await store().get(name)).toBeUndefined()
  })

  it('lets a reader leave in the middle', async () => {
    const reader = (await (await present(store(), 'folder/deep/größe 100%.bin')).open()).getReader()
    expect((await reader.read()).value?.byteLength).toBeGreaterThan(0)
    await reader.cancel()
  })
}
