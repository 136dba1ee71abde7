/** Writing at the pace of whoever reads. What cannot be written ends the process: main.ts. */
import { once } from 'node:events'
import type { Output } from './command.ts'

/** Resolves when there is room for more. */
export async function write(stream: Output, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain')
}

/** Resolves when the text has left this process: a kill does not take it back. */
export const written = (stream: Output, text: string): Promise<void> =>
  new Promise((resolve) => stream.write(text, (error) => error || resolve()))
