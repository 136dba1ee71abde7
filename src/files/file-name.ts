/** Which names a file may have: looked at before any store sees them, so that none has to know what is dangerous. */
import { byteLength } from '../byte-length.ts'

/** A segment that begins with a dot is `.`, `..` or hidden; a colon is a drive, a scheme or a stream of NTFS. */
const SEGMENT = /^(?!\.)[^/\\:\p{Cc}]+$/u
/** In bytes: the longest key of R2, which is longer than what a file system takes. */
const LONGEST = 1_024

/** Whether a name, decoded, may be looked up at all: it can only mean something below where it is looked up. */
export const isFileName = (name: string): boolean =>
  name.isWellFormed() && byteLength(name) <= LONGEST && name.split('/').every((segment) => SEGMENT.test(segment))
