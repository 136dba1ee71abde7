import { describe, expect, it } from 'vitest'
import { parseChunk } from '../../src/relay/chunk.ts'

describe('parseChunk', () => {
  it.each([
    '{"choices":[]}',
    '{"choices":[{"index":0,"delta":{"content":"a","tool_calls":null}}],"error":null}',
    '{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}',
    '{"choices":[{"delta":null,"finish_reason":"stop"}]}',
  ])('takes %s', (text) => {
    expect(parseChunk(text)).toEqual(JSON.parse(text))
  })

  it.each([
    ['', 'upstream-malformed'],
    ['{"choices":[', 'upstream-malformed'],
    ['null', 'upstream-malformed'],
    ['[]', 'upstream-malformed'],
    ['"x"', 'upstream-malformed'],
    ['{}', 'upstream-malformed'],
    ['{"choices":{}}', 'upstream-malformed'],
    ['{"choices":[null]}', 'upstream-malformed'],
    ['{"choices":[{"index":"0"}]}', 'upstream-malformed'],
    ['{"choices":[{"delta":7}]}', 'upstream-malformed'],
    ['{"choices":[{"delta":{"tool_calls":[null]}}]}', 'upstream-malformed'],
    ['{"choices":[{"delta":{"tool_calls":{"0":{}}}}]}', 'upstream-malformed'],
    ['{"error":{"message":"x"},"choices":[]}', 'upstream-failed'],
    [`{"choices":[],"x":"${'x'.repeat(131_072)}"}`, 'upstream-too-large'],
    [`{"choices":[],"x":"${'🦆'.repeat(32_768)}"}`, 'upstream-too-large'],
  ])('refuses %j', (text, code) => {
    expect(() => parseChunk(text)).toThrow(expect.objectContaining({ code }))
  })

  it.each(['{"choices":[', '"x"', '{"detail":"x"}'])('has for the log what was said instead: %s', (text) => {
    expect(() => parseChunk(text)).toThrow(expect.objectContaining({ cause: text }))
  })

  it('tells nobody what the model said of its failure', () => {
    expect(() => parseChunk('{"error":{"message":"the key is sk-1"}}')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('sk-1'), cause: expect.stringContaining('sk-1') }),
    )
  })
})
