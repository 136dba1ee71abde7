/** Files behind one interface, so that a handler serves them from a folder, a bucket or a Worker's assets alike. */

/** Some bytes of a file: whole numbers, within its size. */
export interface ByteRange {
  offset: number
  length: number
}

/** One file as it was when `get` saw it. It holds nothing open: only the stream that `open` gives does. */
export interface StoredFile {
  /** In bytes. */
  readonly size: number
  /** Its media type: `text/csv; charset=utf-8`. */
  readonly type: string
  /**
   * A strong entity tag, with its quotes: another one as soon as one byte is another.
   * https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3
   */
  readonly etag: string
  /** When it was last changed, where the store knows. */
  readonly modified?: Date | undefined
  /**
   * Its bytes, or those of a range. Rejects with `file-changed` where the file is no longer the one that `get` saw. What
   * changes while it is read breaks the stream off where the store can tell. Read the stream to its end, or cancel it.
   */
  open(range?: ByteRange): Promise<ReadableStream<Uint8Array>>
}

export interface FileStore {
  /**
   * The file of that name, like `report.csv` or `2026/report.csv`. `undefined` where there is none, whatever the reason:
   * a name that leads out of the store, a folder and a file that begins with a dot do not exist.
   */
  get(name: string): Promise<StoredFile | undefined>
}
