/** A case as an `EventSource` shows it. */
import type { ParseCase } from './parse-case.ts'

/** A message there: always with a type, and with the last event ID there was. */
export interface Shown {
  type: string
  data: string
  lastEventId: string
}

export interface Showing {
  messages: Shown[]
  /** What it comes back with, as far as a header can tell: without blanks around it. Undefined where it does not come back. */
  lastEventId: string | undefined
}

/** The longest reconnection time that is waited for, in milliseconds; that of Chromium is 3,000 until it is told another. */
const LONGEST = 3000

export const comesBack = ({ retries = [] }: ParseCase): boolean => (retries.at(-1) ?? 0) <= LONGEST

export function showing(parseCase: ParseCase): Showing {
  let lastEventId = ''
  const messages = parseCase.blocks.flatMap((block): Shown[] => {
    lastEventId = block.id ?? lastEventId
    return 'data' in block ? [{ type: block.event || 'message', data: block.data, lastEventId }] : []
  })
  return { messages, lastEventId: comesBack(parseCase) ? lastEventId.replaceAll(/^[ \t]+|[ \t]+$/g, '') : undefined }
}
