/**
 * The order of system calls for a publish: what it wrote is synced to disk before its 201 is written to the publisher,
 * and before anything of it is written to a reader (G4).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EventReader } from '../e2e/event-reader.ts'
import { inParallel, publish, publishBatch, range } from '../e2e/room-client.ts'
import type { ServerProcess } from '../serve-process.ts'
import { progress } from './progress.ts'
import { servers } from './servers.ts'
import { type Call, needsStrace, Strace } from './strace.ts'

const WATCHED = 'trace=fsync,fdatasync,pwrite64,pwritev,write,writev,sendto,sendmsg'
const READERS = 3

const isSync = ({ name, text }: Call): boolean => /^f(data)?sync$/.test(name) && text.endsWith(' = 0')
const isToDisk = ({ name }: Call): boolean => name.startsWith('pwrite')
const isToSocket = ({ text }: Call): boolean => /^\w+\(\d+<(socket|TCP)/.test(text)
/** `12</path/to/file>` */
const fileOf = ({ text }: Call): string | undefined => /^\w+\(\d+<([^>]*)>/.exec(text)?.[1]

/** Throws unless what holds `stored` was synced before anything that holds it, or `answer`, went to a socket. */
function expectSyncedFirst(calls: Call[], stored: string, answer: string): void {
  const written = calls.filter((call) => isToDisk(call) && call.text.includes(stored))
  const sent = calls.filter((call) => isToSocket(call) && call.text.includes(stored))
  const answered = calls.filter((call) => isToSocket(call) && call.text.includes(answer) && call.text.includes(' 201 '))
  expect({ stored, written: written.length > 0, sent: sent.length, answered: answered.length }).toEqual({
    stored,
    written: true,
    sent: READERS,
    answered: 1,
  })
  const first = written[0] as Call
  const synced = calls.find((call) => isSync(call) && fileOf(call) === fileOf(first) && call.began > first.ended)
  expect({ stored, synced: synced !== undefined }).toEqual({ stored, synced: true })
  for (const { began, text } of [...sent, ...answered])
    expect({ stored, text: text.slice(0, 80), late: began > (synced as Call).ended }).toMatchObject({ late: true })
}

describe.each(servers)('a publish on disk, on $name', ({ name, serve }) => {
  const state = mkdtempSync(join(tmpdir(), 'edge-sse-order-'))
  let server: ServerProcess

  beforeAll(async () => {
    server = await serve({ state })
  })
  afterAll(async () => {
    await server.close()
    rmSync(state, { recursive: true })
  })

  /** Does `work` in a room with readers while every call is watched. `work` gives the marks it published, with their ids. */
  async function watch(room: string, work: () => Promise<Map<string, string>>): Promise<void> {
    const readers = await Promise.all(
      range(1, READERS).map(() => EventReader.open(server.port, `/rooms/${room}/events`)),
    )
    for (const reader of readers) await reader.untilLive()
    const strace = await Strace.attach(server.pid, '-e', WATCHED)
    let marks: Map<string, string>
    let calls: Call[] = []
    try {
      marks = await work()
      for (const reader of readers) await reader.until('everything', () => reader.published.length >= marks.size)
    } finally {
      calls = await strace.detach()
    }
    for (const reader of readers) reader.cut('fin')
    for (const [mark, id] of marks) expectSyncedFirst(calls, mark, id)
    progress(`${name}, ${room}: ${marks.size} events, ${calls.filter(isSync).length} syncs, ${calls.length} calls`)
  }

  it('is synced before it is answered and before it is delivered: the first of a room', async (context) => {
    await needsStrace(context)
    await watch('first', async () => {
      const { id } = await publish(server.url, 'first', '<mark-first>', { key: 'k' })
      return new Map([['<mark-first>', id]])
    })
  })

  it('is synced before it is answered and before it is delivered: 50 one after the other', async (context) => {
    await needsStrace(context)
    await watch('serial', async () => {
      const marks = new Map<string, string>()
      for (const n of range(1, 50)) {
        const mark = `<mark-${n}>`
        marks.set(mark, (await publish(server.url, 'serial', mark, n % 2 ? {} : { key: mark })).id)
      }
      return marks
    })
  })

  it('is synced before it is answered and before it is delivered: 200 by 8 at once', async (context) => {
    await needsStrace(context)
    await watch('parallel', async () => {
      const all = await inParallel(range(1, 200), 8, async (n) => {
        const mark = `<mark-${n}>`
        return [mark, (await publish(server.url, 'parallel', mark)).id] as const
      })
      return new Map(all)
    })
  })

  it('is synced before it is answered and before it is delivered: a batch', async (context) => {
    await needsStrace(context)
    await watch('batch', async () => {
      const messages = range(1, 20).map((n) => ({ data: `<mark-${n}>` }))
      const { ids } = await publishBatch(server.url, 'batch', messages)
      return new Map(ids.map((id, index) => [`<mark-${index + 1}>`, id]))
    })
  })
})
