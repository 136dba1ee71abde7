import { describe, expect, it } from 'vitest'
import { ChunkStream } from '../../src/relay/chunk-stream.ts'
import { Page } from '../../src/rooms/bridge.ts'

const ANSWER = '0123456789abcdef0123456789abcdef'
const OPENING = new RegExp(`^: heartbeat=\\d+\\n\\nretry: \\d+\\n\\nid: ${ANSWER}~0\\n\\n`)
const chunk = (seq: number, data = `{"choices":[],"n":${seq}}`): string => `data: ${data}\nid: ${seq}-abcdef\n\n`
const ours = (text: string): string => text.replaceAll(/^id: /gm, `id: ${ANSWER}~`)
const failed = (seq: number, code = 'upstream-reset'): string =>
  `event: stream.error\ndata: {"code":"${code}","run":"1","message":"It broke"}\nid: ${seq}-abcdef\n\n`
const errorOf = (text: string): string => JSON.parse(/^data: (\{"error".*)$/m.exec(text)?.[1] ?? '{}').error?.code

function open(method = 'POST'): { stream: ChunkStream; put(blocks: string): void; text(): Promise<string> } {
  const stream = new ChunkStream(new Request('http://localhost/', { method }), { answer: ANSWER, after: '0' })
  const { response } = stream
  let seq = 0
  return {
    stream,
    put: (blocks) => stream.put(new Page(seq, { seq: ++seq, tag: 'abcdef' }, 1, blocks)),
    text: async () => (await response.text()).replace(OPENING, ''),
  }
}

describe('ChunkStream', () => {
  it('names the answer in each id, of many chunks in one page too, and ends with [DONE]', async () => {
    const { stream, put, text } = open()
    put(chunk(1))
    expect(await stream.begun).toBeUndefined()
    const tricky = chunk(2, '{"choices":[],"text":"event: x\\nid: 7\\n\\ndata: [DONE]"}')
    put(tricky + chunk(3))
    put(chunk(4) + chunk(5, '[DONE]'))
    put(chunk(6))
    stream.finish()
    expect(await text()).toBe(ours(chunk(1) + tricky + chunk(3) + chunk(4) + chunk(5, '[DONE]')))
  })

  it('says nothing of what a room says of itself', async () => {
    const { stream, put, text } = open()
    const presence = 'event: stream.presence\ndata: {"subscribers":1}\n\n'
    put(presence)
    stream.live()
    put(chunk(1) + presence + chunk(2, '[DONE]') + presence)
    expect(await text()).toBe(ours(chunk(1) + chunk(2, '[DONE]')))
  })

  it('has failed where that comes first, and not where a piece came before', async () => {
    const first = open()
    first.put(failed(1))
    expect(await first.stream.begun).toMatchObject({ code: 'upstream-reset', message: 'It broke' })
    const later = open()
    later.put(chunk(1) + failed(2) + chunk(3))
    expect(await later.stream.begun).toBeUndefined()
    const text = await later.text()
    expect(text.startsWith(ours(chunk(1)))).toBe(true)
    expect(errorOf(text)).toBe('upstream-reset')
    expect(text).toContain(`id: ${ANSWER}~2-abcdef\n\n`)
    expect(text).not.toContain('~3-')
  })

  it('ends with an error where there is a gap, and where the room ends without a word', async () => {
    const gap = open()
    gap.put(`event: stream.gap\ndata: {"reason":"expired"}\nid: 9-abcdef\n\n${chunk(10)}`)
    const lost = await gap.text()
    expect(errorOf(lost)).toBe('not-found')
    expect(lost).toMatch(/^id: ~end$/m) // An EventSource comes back with it, and then stays away.
    expect(lost).not.toContain(`id: ${ANSWER}~9-abcdef`)
    const closed = open()
    closed.put(chunk(1))
    closed.stream.finish()
    expect(errorOf(await closed.text())).toBe('not-found')
  })

  it('tells of a cut who takes a silent end for a good one, and no EventSource, which comes back', async () => {
    for (const cut of [(stream: ChunkStream) => stream.lost(), (stream: ChunkStream) => void stream.sendAway()]) {
      const posted = open('POST')
      cut(posted.stream)
      expect(errorOf(await posted.text())).toBe('stream-cut')
      const native = open('GET')
      cut(native.stream)
      expect(await native.text()).not.toContain('data:')
    }
  })
})
