import { describe, expect, it } from 'vitest'
import { byteLength } from '../src/byte-length.ts'

describe('byteLength', () => {
  const texts = ['', 'a', 'é', '€', '👋', '\ud83d', '\udc4b\ud83d', 'a\ud83d€'].flatMap((text) => [
    text,
    `${'x'.repeat(1_365 - text.length)}${text}`,
    `${'x'.repeat(1_366 - text.length)}${text}`,
    text.repeat(1_365),
    text.repeat(5_000),
  ])

  it.each(texts)('is that of the encoded text: %#', (text) => {
    expect(byteLength(text)).toBe(new TextEncoder().encode(text).byteLength)
  })
})
