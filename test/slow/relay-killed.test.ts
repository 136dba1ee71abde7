/**
 * `kill -9` of a server in the middle of a model's answer, and a restart on the same state: who reads it gets what was
 * stored and is told that it broke off; nothing looks like its end, and the model is not asked again.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AnswerReader, contentOf } from '../e2e/answer-reader.ts'
import { EventReader, isPublished, seqOf } from '../e2e/event-reader.ts'
import { request } from '../e2e/raw-socket.ts'
import { relayVars } from '../e2e/relay-bench.ts'
import { range } from '../e2e/room-client.ts'
import type { ServerProcess } from '../serve-process.ts'
import { endlessTalk, said, stream } from '../upstream/script.ts'
import { ScriptedUpstream } from '../upstream/scripted-upstream.ts'
import { progress } from './progress.ts'
import { servers } from './servers.ts'

const KILLS = 6

describe.each(servers)('an answer on $name', ({ name, serve }) => {
  const ask = ({ port }: ServerProcess, model: string, lastEventId?: string): Promise<AnswerReader> => {
    const headers = {
      'Content-Type': 'application/json',
      'Idempotency-Key': model,
      ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }),
    }
    const messages = [{ role: 'user', content: 'Say something' }]
    const body = { model, messages, stream: true, on_disconnect: 'continue' }
    return AnswerReader.ask(port, request('POST', '/v1/chat/completions', headers, JSON.stringify(body)))
  }

  it(`that is killed in the middle, ${KILLS} times, ends with an error and never runs again`, async () => {
    const state = mkdtempSync(join(tmpdir(), 'edge-sse-relay-'))
    const upstream = await ScriptedUpstream.start()
    const env = await relayVars(upstream)
    let server = await serve({ state, env })
    onTestFinished(async () => {
      await server.kill()
      await upstream.close()
      rmSync(state, { recursive: true })
    })
    for (const round of range(1, KILLS)) {
      const model = `patient-${round}`
      upstream.play(model, [stream(), said('first '), endlessTalk('word ', 10)])
      const reader = await ask(server, model)
      await reader.untilSaid('first ')
      await sleep(Math.random() * 1_000)
      await server.kill()
      await reader.untilEnd()
      expect([reader.ended, reader.isDone, reader.errors]).toEqual(['broken off', false, []])
      server = await serve({ state, env, port: server.port })

      // Who comes first after it: who resumes, who asks again under the key, or who looks into the room.
      const resumed = await ask(server, model, round % 3 === 0 ? reader.lastId : undefined)
      if (round % 3 === 2) await EventReader.open(server.port, `/chat/${reader.answer}/events`)
      await resumed.untilEnd()
      expect(resumed.answer).toBe(reader.answer)
      expect([resumed.isDone, resumed.violations]).toEqual([false, []])
      expect(resumed.errors.map(({ code }) => code)).toEqual(['producer-lost'])

      const whole = await EventReader.open(server.port, `/chat/${reader.answer}/events`)
      await whole.untilEnd()
      const kept = whole.events.filter(isPublished)
      expect(kept.map(({ id }) => seqOf(id))).toEqual(range(1, kept.length))
      expect(kept.map(({ data }) => contentOf(data)).slice(0, 1)).toEqual(['first '])
      // What a reader has seen was stored, and is what came first.
      const seen = reader.chunks.map(({ data }) => data)
      expect(kept.slice(0, seen.length).map(({ data }) => data)).toEqual(seen)
      const rest = round % 3 === 0 ? kept.slice(seen.length) : kept
      expect(resumed.chunks.map(({ data }) => data)).toEqual(rest.map(({ data }) => data))
      expect(whole.named('stream.error').map(({ data }) => JSON.parse(data).code)).toEqual(['producer-lost'])
      expect(whole.events.at(-1)).toMatchObject({ id: '~end', event: 'stream.end' })
      expect(upstream.callsOf(model)).toHaveLength(1)
      progress(`${name}, kill ${round}: ${seen.length} chunks seen before, ${kept.length} kept`)
    }
  })
})
