/** All of an input as text, where it has to be sent in one piece and maybe again. */
import { addAbortSignal, type Readable } from 'node:stream'

/** Bytes: an input may have no end. */
const LONGEST = 67_108_864

/** Throws where it cannot be read, is too long, or `signal` aborts: nobody waits for an input that stays open then. */
export async function wholeText(command: string, input: Readable, signal: AbortSignal): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  try {
    for await (const piece of addAbortSignal(signal, input)) {
      pieces.push(Buffer.from(piece))
      length += piece.length
      if (length > LONGEST) throw new Error('the input is longer than 64 MiB')
    }
  } catch (error) {
    throw new Error(`Cannot ${command}: ${(error as Error).message}`)
  }
  return Buffer.concat(pieces).toString('utf8')
}
