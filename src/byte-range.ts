/** The `Range` of a request: https://www.rfc-editor.org/rfc/rfc9110#section-14 */
import type { ByteRange } from './files/file-store.ts'

/** Ranges that a client may honestly want at once. More are what section 14.2 warns of. */
const MANY = 10

/**
 * The one range of bytes that is asked for, within a file of `size` bytes; `undefined` where the whole file is the answer, as
 * to an unknown unit or to what is malformed; `unsatisfiable` where no answer is.
 *
 * A few ranges get the whole file: there is no multipart here, and that is the answer every client has to take. Many get
 * none.
 */
export function byteRange(header: string | null, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, list] = /^bytes=(.*)$/i.exec(header ?? '') ?? []
  const ranges = (list ?? '').split(',').map((range) => range.trim())
  if (ranges.length > MANY) return 'unsatisfiable'
  const [, first = '', last = ''] = /^(\d*)-(\d*)$/.exec(ranges[0] as string) ?? []
  if (ranges.length > 1 || (first === '' && last === '')) return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    if (Number(last) === 0) return 'unsatisfiable'
    return length === 0 ? undefined : { offset: size - length, length } // Nothing has no last bytes that could be named.
  }
  const offset = Number(first)
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  if (last !== '' && Number(last) < offset) return undefined
  return offset < size ? { offset, length: end - offset } : 'unsatisfiable'
}
