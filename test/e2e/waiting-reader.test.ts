/** A reader that leaves while it waits for an answer in one piece: nothing was sent to it by which it would be missed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stall } from '../upstream/script.ts'
import type { UpstreamCall } from '../upstream/upstream-call.ts'
import { flags } from './launch.ts'
import type { Cut } from './raw-socket.ts'
import { RelayBench } from './relay-bench.ts'

let relay: RelayBench
beforeAll(async () => {
  relay = await RelayBench.launch()
})
afterAll(() => relay.close())

/** As long as what people ask. */
const messages = [{ role: 'user', content: 'What is all this about? '.repeat(50) }]

/** The call of an answer whose reader has left. */
async function left(how: Cut, streams: boolean): Promise<UpstreamCall> {
  const model = relay.model([stall()])
  const socket = await relay.send(model, { body: { messages, stream: streams } })
  const call = await relay.upstream.called(model)
  if (streams) await socket.head()
  socket.cut(how)
  return call
}

const noticed: Record<typeof flags.waitingReader, Cut[]> = {
  'at once': ['fin', 'reset'],
  'by a reset': ['reset'],
  'not before that': [],
}

describe('an answer in one piece', () => {
  for (const how of ['fin', 'reset'] as const)
    if (noticed[flags.waitingReader].includes(how))
      it(`is stopped when its reader leaves by a ${how}`, async () => {
        await (await left(how, false)).closed
      })
    else
      it(`goes on when its reader leaves by a ${how}, which nothing tells of`, async () => {
        const call = await left(how, false)
        // It left before this one, whose leaving is noticed.
        await (await left('reset', true)).closed
        expect(call.isOpen).toBe(true)
      })
})
