/** The cases are right where readers that share no code with them agree, and ours is where it agrees with them. */
import { createParser } from 'eventsource-parser'
import { describe, expect, it } from 'vitest'
import { parseMessages } from '../../src/parse.ts'
import { byteByByte, type CaseMessage, readMessages, splits, streamOf, wireCases } from '../../src/testing.ts'

const ofTheirLines = (messages: CaseMessage[]): object[] => messages.map(({ lastEventId, ...message }) => message)

describe('wireCases', () => {
  it('have a name each', () => {
    expect(new Set(wireCases.map(({ name }) => name)).size).toBe(wireCases.length)
  })

  it.each(wireCases)('$name', async ({ wire, messages }) => {
    for (const chunks of [[wire], ...splits(wire), byteByByte(wire)]) {
      expect(await Array.fromAsync(parseMessages(streamOf(chunks)))).toEqual(ofTheirLines(messages))
      const reader = await readMessages(streamOf(chunks))
      for (const { lastEventId, ...message } of messages) {
        expect(await reader.next()).toStrictEqual(message)
        expect(reader.lastEventId).toBe(lastEventId)
      }
      await reader.expectEnd()
      const seen: object[] = []
      const parser = createParser({ onEvent: (message) => void seen.push(message) })
      const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
      for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }))
      expect(seen).toEqual(ofTheirLines(messages))
    }
  })
})
