/**
 * `kill -9` of a server in the middle of a job, and a restart on the same state: who watches is told that it broke off, by
 * the job's last event, and the same key does not start it again.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EventReader, isPublished } from '../e2e/event-reader.ts'
import { range } from '../e2e/room-client.ts'
import type { ServerProcess } from '../serve-process.ts'
import { progress } from './progress.ts'
import { servers } from './servers.ts'

const KILLS = 10

interface Job {
  events: string
  duplicate: boolean
}

describe.each(servers)('a job on $name', ({ name, serve }) => {
  const start = async ({ url }: ServerProcess, key: string): Promise<Job> => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key }
    const answer = await fetch(`${url}/progress`, { method: 'POST', headers, body: '{"steps":1000}' })
    expect(answer.status).toBe(201)
    return (await answer.json()) as Job
  }

  it(`that is killed in the middle, ${KILLS} times, ends with an error and never runs again`, async () => {
    const state = mkdtempSync(join(tmpdir(), 'edge-sse-job-'))
    let server = await serve({ state })
    onTestFinished(async () => {
      await server.kill()
      rmSync(state, { recursive: true })
    })
    for (const round of range(1, KILLS)) {
      const key = `round-${round}`
      const { events } = await start(server, key)
      const watcher = await EventReader.open(server.port, events)
      await watcher.until('a step', () => watcher.named('progress').length > 0)
      await sleep(Math.random() * 1_000)
      await server.kill()
      const seen = watcher.events.filter(isPublished)
      server = await serve({ state, port: server.port })
      // Every other time the first to come is who would start it again.
      const again = round % 2 ? await start(server, key) : undefined
      const resumed = await EventReader.open(server.port, events, { 'Last-Event-ID': seen.at(-1)?.id ?? '' })
      await resumed.untilEnd()
      const [error] = resumed.named('stream.error')
      expect(JSON.parse(error?.data ?? '')).toMatchObject({ code: 'producer-lost' })
      expect(resumed.named('done')).toEqual([])
      expect(resumed.events.at(-1)).toMatchObject({ id: '~end', event: 'stream.end' })

      const whole = await EventReader.open(server.port, events)
      await whole.untilEnd()
      const all = whole.events.filter(({ id }) => id !== undefined && /^\d+-/.test(id))
      // `stream.live` bears an id too, that of the last event.
      const ids = [...new Set(all.map(({ id }) => Number.parseInt(id ?? '', 10)))]
      expect(ids).toEqual(range(1, ids.length))
      expect(whole.named('progress').filter(({ data }) => JSON.parse(data).done === 0)).toHaveLength(1)
      expect(whole.events.filter(isPublished).slice(0, seen.length)).toEqual(seen)
      expect((again ?? (await start(server, key))).duplicate).toBe(true)
      progress(`${name}, kill ${round}: ${seen.length} events seen before, ${ids.length} in the log`)
    }
  })
})
