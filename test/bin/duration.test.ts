import { describe, expect, it } from 'vitest'
import { spoken } from '../../bin/duration.ts'

describe('spoken', () => {
  it.each([
    [0, '0 s'],
    [3, '0.1 s'],
    [449, '0.4 s'],
    [9_000, '9 s'],
    [119_400, '119 s'],
    [185_000, '3 min 5 s'],
    // Not 2 min 60 s.
    [179_600, '3 min 0 s'],
  ])('%d ms are %s', (milliseconds, said) => {
    expect(spoken(milliseconds)).toBe(said)
  })
})
