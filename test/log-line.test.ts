import { afterEach, describe, expect, it, vi } from 'vitest'
import { logError, logLine } from '../src/log-line.ts'

describe('logLine', () => {
  it('is printable ASCII that says the same, whatever stands in it', () => {
    const entry = { level: 'warn', 'n\u00e4me': 'a\r\nb\u0000\u001b[2J\u007f\u009b2J\u202e\u2028é🦆\ud800"\\' }
    const line = logLine(entry)
    expect(line).toMatch(/^[\x20-\x7e]+$/)
    expect(line).toContain(String.raw`a\r\nb\u0000\u001b[2J\u007f\u009b2J\u202e\u2028\u00e9\ud83e\udd86\ud800\"\\`)
    expect(JSON.parse(line)).toEqual(entry)
  })

  it('is bounded, and JSON where a text is cut', () => {
    const line = logLine({ status: 7, cause: '🦆'.repeat(100_000), field: 'x'.repeat(100_000) })
    expect(line.length).toBeLessThan(15_000)
    expect(JSON.parse(line)).toEqual({ status: 7, cause: '🦆'.repeat(1_000), field: 'x'.repeat(2_000) })
  })
})

describe('logError', () => {
  afterEach(() => void vi.restoreAllMocks())

  it('writes one line with what went wrong and why', () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    logError('run-not-ended', new Error('x\u009b', { cause: 'the disk\u202e' }))
    expect(log.mock.calls).toEqual([[expect.stringMatching(/^[\x20-\x7e]+$/)]])
    expect(JSON.parse(log.mock.calls[0]?.[0])).toEqual({
      level: 'error',
      code: 'run-not-ended',
      cause: expect.stringMatching(/^Error: x\u009b\n.*: the disk\u202e$/s),
    })
  })
})
