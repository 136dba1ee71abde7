/** What a test puts into a stream. */
import { formatMessage, type Message } from '../message.ts'

/** A message, or what is to be on the wire to the letter: text, or bytes. */
export type Piece = Message | string | Uint8Array

const encoder = new TextEncoder()

export const bytesOf = (piece: Piece): Uint8Array => {
  if (piece instanceof Uint8Array) return piece
  return encoder.encode(typeof piece === 'string' ? piece : formatMessage(piece))
}
