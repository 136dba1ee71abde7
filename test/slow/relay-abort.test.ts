/** How long the call of a model outlives the last reader of its answer, under cancel: as the model's own server sees it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AnswerReader } from '../e2e/answer-reader.ts'
import { type Cut, RawSocket, request } from '../e2e/raw-socket.ts'
import { relayVars } from '../e2e/relay-bench.ts'
import { range } from '../e2e/room-client.ts'
import type { ServerProcess } from '../serve-process.ts'
import { endlessTalk, type Script, said, stall, stream } from '../upstream/script.ts'
import { ScriptedUpstream } from '../upstream/scripted-upstream.ts'
import { percentile } from './percentile.ts'
import { progress } from './progress.ts'
import { servers } from './servers.ts'

/** Milliseconds (G14). workerd hears of a FIN when it writes. */
const PROMISED = { workerd: 1_500, others: 1_000 }
const TIMES = 20

const silences: [where: string, script: Script][] = [
  ['before the first token', [stream(), stall()]],
  ['in a silence after some tokens', [stream(), said('one'), said('two'), stall()]],
  ['while it talks', [stream(), said('one'), endlessTalk('word ', 30)]],
]

describe.each(servers)('the call of a model on $name', ({ name, serve }) => {
  const promised = name === 'workerd' ? PROMISED.workerd : PROMISED.others
  const state = mkdtempSync(join(tmpdir(), 'edge-sse-abort-'))
  let upstream: ScriptedUpstream
  let server: ServerProcess
  let models = 0
  beforeAll(async () => {
    upstream = await ScriptedUpstream.start()
    server = await serve({ state, env: await relayVars(upstream) })
  })
  afterAll(async () => {
    await server.kill()
    await upstream.close()
    rmSync(state, { recursive: true })
  })

  const question = (model: string): Uint8Array => {
    const messages = [{ role: 'user', content: 'Say something' }]
    const body = JSON.stringify({ model, messages, stream: true, on_disconnect: 'cancel' })
    const headers = { 'Content-Type': 'application/json' }
    return request('POST', '/v1/chat/completions', headers, body)
  }

  describe.each<Cut>(['reset', 'fin'])(`is over within ${promised} ms of the last reader's %s`, (how) => {
    it.each(silences)('%s', async (where, script) => {
      const model = `patient-${++models}`
      upstream.play(model, script)
      const took: number[] = []
      for (const time of range(1, TIMES)) {
        const reader = await AnswerReader.ask(server.port, question(model))
        await reader.untilNamed()
        await reader.untilSaid(script.length > 2 ? 'one' : '')
        const call = await upstream.called(model, time)
        // Somewhere between two beats.
        await sleep(Math.random() * 500)
        const left = performance.now()
        reader.cut(how)
        await call.closed
        took.push(performance.now() - left)
        expect(took.at(-1)).toBeLessThanOrEqual(promised)
      }
      progress(`${name}, ${how}, ${where}: p50 ${percentile(took).toFixed(0)}, most ${Math.max(...took).toFixed(0)} ms`)
    })
  })

  it.each<Cut>(['reset', 'fin'])(
    'is over as soon where its reader left by a %s at any moment from its request on',
    async (how) => {
      const names = range(1, 3 * TIMES).map(() => `patient-${++models}`)
      for (const [index, model] of names.entries()) {
        upstream.play(model, [stream(), stall()])
        const socket = await RawSocket.open(server.port)
        socket.write(question(model))
        await sleep(2 * index)
        socket.cut(how)
      }
      // Those that were called at all; whoever left before may have asked for nothing.
      await sleep(promised)
      const calls = names.flatMap((model) => upstream.callsOf(model))
      progress(`${name}, ${how}: ${calls.length} of ${names.length} had called`)
      expect(calls.length).toBeGreaterThan(0)
      expect(calls.filter(({ isOpen }) => isOpen)).toEqual([])
    },
  )
})
