/** A file that is no longer the one that was looked at. */
import { SseError } from '../errors.ts'

export const changed = (): SseError => new SseError('file-changed', 'Cannot read file: it was changed meanwhile')
