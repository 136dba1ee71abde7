/** How bytes may arrive. */
export interface Cut {
  name: string
  chunks: Uint8Array[]
}

const bytewise = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte))

/** Whole, and one byte at a time with and without chunks of nothing. */
export function* someCuts(bytes: Uint8Array): Generator<Cut, void, undefined> {
  yield { name: 'whole', chunks: [bytes] }
  yield { name: 'byte by byte', chunks: bytewise(bytes) }
  yield { name: 'byte by byte and nothing', chunks: bytewise(bytes).flatMap((byte) => [new Uint8Array(), byte]) }
}

/** Those, and in two at every byte. */
export function* everyCut(bytes: Uint8Array): Generator<Cut, void, undefined> {
  yield* someCuts(bytes)
  for (let at = 0; at <= bytes.length; at++)
    yield { name: `in two at byte ${at}`, chunks: [bytes.subarray(0, at), bytes.subarray(at)] }
}

const LF = 0x0a
const encoder = new TextEncoder()

const LINE_ENDS: [string, number[]][] = [
  ['LF', [0x0a]],
  ['CRLF', [0x0d, 0x0a]],
  ['CR', [0x0d]],
]

/** A stream of LF with each line end that there is; in UTF-8, and in what is none, that byte is nothing else. */
export function everyLineEnd(stream: string | Uint8Array, asIs = false): { name: string; bytes: Uint8Array }[] {
  const bytes = typeof stream === 'string' ? encoder.encode(stream) : stream
  if (asIs) return [{ name: 'as it is', bytes }]
  return LINE_ENDS.map(([name, lineEnd]) => ({
    name,
    bytes: Uint8Array.from([...bytes].flatMap((byte) => (byte === LF ? lineEnd : [byte]))),
  }))
}
