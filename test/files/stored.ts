/** The files that a store under test has to hold. */

/** Bytes that are nowhere the same twice in a row, so that a shift shows. */
export const pattern = (length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) * 17 + (at >> 16)) & 0xff)

export const STORED: Record<string, Uint8Array> = {
  'report.csv': new TextEncoder().encode('a,b\n1,2\n'),
  'folder/deep/größe 100%.bin': pattern(300_000),
  empty: new Uint8Array(0),
}
