/** How long a text is in UTF-8. */
const encoder = new TextEncoder()
/** Written to and never read: a result of `encode` would be made to be counted and thrown away, which takes ten times as long. */
const scratch = new Uint8Array(4_096)
/** Bytes of a UTF-16 code unit at most: https://encoding.spec.whatwg.org/#dom-textencoder-encodeinto */
const MOST = 3

/** Bytes of `text` as it is encoded; a lone surrogate counts as U+FFFD. */
export const byteLength = (text: string): number =>
  text.length * MOST <= scratch.length ? encoder.encodeInto(text, scratch).written : encoder.encode(text).byteLength
