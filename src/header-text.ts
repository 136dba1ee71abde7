/** A header as the text its sender meant: https://fetch.spec.whatwg.org/#concept-header-value */

/** Clients send UTF-8, and `Headers` may hand each byte out as one character. What is not UTF-8 stays what it was. */
export const headerText = (header: string): string => {
  if (!/[\x80-\xff]/.test(header) || /[^\0-\xff]/.test(header)) return header
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(header, (c) => c.charCodeAt(0)),
    )
  } catch {
    return header // Not UTF-8: the reader gets what it sent.
  }
}
