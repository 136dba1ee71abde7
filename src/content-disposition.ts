/** How a file is to be called by who saves it: https://www.rfc-editor.org/rfc/rfc6266 */

/** Separators of folders, control characters, and those that turn text around: `gpj.exe` must not look like `exe.jpg`. */
const UNSAFE = /[/\\\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/**
 * The value of a `Content-Disposition` header: the name in ASCII for old clients, and as it is for all others. Whatever the
 * name holds, it stays a name: what is no part of one becomes `_`.
 */
export function contentDisposition(disposition: 'attachment' | 'inline', name = ''): string {
  const safe = name.toWellFormed().replace(UNSAFE, '_')
  if (safe === '') return disposition
  // Some decode percent signs where they should not.
  const ascii = safe.replace(/[^\x20-\x7e]|["%]/gu, '_')
  const quoted = `${disposition}; filename="${ascii}"`
  return ascii === safe ? quoted : `${quoted}; filename*=UTF-8''${encode(safe)}`
}

/** https://www.rfc-editor.org/rfc/rfc8187#section-3.2 */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
