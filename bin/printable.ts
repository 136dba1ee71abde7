/** Text of strangers as a terminal may have it: what would move, hide, colour or reorder something is seen instead. */

export interface PrintableOptions {
  /** Line breaks and tabs stay what they are. Defaults to one line, in which they are seen as `\n` and `\t`. */
  lines?: boolean
  /** Characters, after which the text is cut and ends in `…`. Defaults to all of it. */
  atMost?: number
}

/** C0, C1, bidirectional controls, whatever has no width, line separators, and halves of characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu
const NAMES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** `"\x1b[2Jhello"` for a text that would have cleared the screen, `\u{202e}` for what would have turned it round. */
export function printable(
  text: string,
  { lines = false, atMost = Number.POSITIVE_INFINITY }: PrintableOptions = {},
): string {
  const isCut = text.length > atMost
  const seen = (isCut ? text.slice(0, atMost) : text).replace(UNSEEN, (found, at: number, whole: string) => {
    if (lines && (found === '\n' || found === '\t')) return found
    return isOfEmoji(found, at, whole) ? found : (NAMES[found] ?? escaped(found))
  })
  return isCut ? `${seen}…` : seen
}

function escaped(found: string): string {
  const code = found.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

function isOfEmoji(found: string, at: number, whole: string): boolean {
  if (found !== '\ufe0f' && found !== '\u200d') return false
  const before = /[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?$/u.test(whole.slice(Math.max(0, at - 3), at))
  return before && (found === '\ufe0f' || /^\p{Extended_Pictographic}/u.test(whole.slice(at + 1, at + 3)))
}
