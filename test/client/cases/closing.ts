/** Leaving, wherever it is: while it dials, waits, reads, hands out. */
import { rejection, same, until } from '../assert.ts'
import { withClock } from '../clock.ts'
import type { ConnectCase } from '../connect-case.ts'
import { all, next, opened } from '../reading.ts'
import type { Answer } from '../script.ts'

const never = (): Promise<never> => new Promise(() => {})
const HELD: Answer = { body: ['id: 1\ndata: one\n\n'], end: 'hang' }
const SILENT: Answer = { status: 'none', end: 'hang' }

export const closing: ConnectCase[] = [
  {
    name: 'dials nothing when it was closed, or its signal had aborted, before the first next()',
    async run(world) {
      const closed = await opened(world, [HELD])
      await closed.connection.close()
      same([closed.connection.state.phase, await all(closed.connection)], ['closed', []])
      const aborted = await opened(world, [HELD], { signal: AbortSignal.abort() })
      same([await all(aborted.connection), aborted.connection.state], [[], { phase: 'closed', attempt: 0 }])
      const between = await opened(world, [HELD])
      const iterator = between.connection[Symbol.asyncIterator]()
      await between.connection.close()
      same((await iterator.next()).done, true)
      const returned = await opened(world, [HELD])
      same((await returned.connection[Symbol.asyncIterator]().return?.())?.done, true)
      same([returned.connection.state, returned.states.length], [{ phase: 'closed', attempt: 0 }, 1])
      for (const { script } of [closed, aborted, between, returned]) same((await script.requests(0)).length, 0)
    },
  },
  {
    name: 'ends without an error wherever it waits, and leaves nothing open',
    async run(world) {
      for (const how of ['close', 'signal', 'dispose'] as const)
        for (const [where, answer] of Object.entries<Answer>({
          dialling: SILENT,
          'refused slowly': { status: 404, headers: {}, body: ['no'], end: 'hang' },
          reading: { body: [': hello\n\n'], end: 'hang' },
          'reading half': { body: ['data: half'], end: 'hang' },
          pausing: { status: 503, headers: { 'retry-after': '60' } },
        })) {
          const controller = new AbortController()
          const { script, connection, states } = await opened(world, [answer, HELD], { signal: controller.signal })
          const ended = all(connection)
          await script.requests(1)
          if (where.startsWith('reading')) await until(() => connection.state.phase === 'live', 'it is live')
          if (where === 'pausing') await until(() => connection.state.retryAt !== undefined, 'it waits')
          if (how === 'close') await connection.close()
          if (how === 'signal') controller.abort(new Error('reason'))
          if (how === 'dispose') await connection[Symbol.asyncDispose]()
          same(await ended, [], where)
          same([connection.state, states.at(-1)?.phase], [{ phase: 'closed', attempt: 0 }, 'closed'])
          same(await script.ending(0), where === 'pausing' ? 'finished' : 'left', where)
          same((await script.requests(0)).length, 1)
        }
    },
  },
  {
    name: 'leaves no timer of a wait that it was closed in: that would keep a program running for a day',
    async run(world) {
      await withClock(0, async (clock) => {
        const refusal = { status: 429, headers: { 'retry-after': '3600' } }
        const { connection } = await opened(world, [refusal])
        const data = all(connection)
        await until(() => clock.running(3_600_000) === 1, 'it waits')
        await connection.close()
        same([await data, clock.running(3_600_000)], [[], 0])
      })
    },
  },
  {
    name: 'closes though a fetch ignores its signal, and cancels what it brings later',
    async run(world) {
      let resolve = (_: Response): void => {}
      let cancelled = 0
      let fetched = 0
      const fetch = (): Promise<Response> => {
        fetched++
        return new Promise((done) => {
          resolve = done
        })
      }
      const { connection } = await opened(world, [], { fetch })
      const ended = all(connection)
      await until(() => fetched === 1, 'it was fetched')
      await connection.close()
      same(await ended, [])
      const body = new ReadableStream({ cancel: () => void cancelled++ }, { highWaterMark: 0 })
      resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }))
      await until(() => cancelled === 1, 'its body is cancelled')
    },
  },
  {
    name: 'closes though a body knows of no signal, and ignores that it is cancelled',
    async run(world) {
      let cancelled = 0
      const cancel = (): Promise<void> => {
        cancelled++
        return never()
      }
      const body = new ReadableStream({ cancel })
      const fetch = async (): Promise<Response> =>
        new Response(body, { headers: { 'content-type': 'text/event-stream' } })
      const { connection } = await opened(world, [], { fetch })
      const ended = all(connection)
      await until(() => connection.state.phase === 'live', 'it is live')
      await connection.close()
      same([await ended, cancelled], [[], 1])
    },
  },
  {
    name: 'closes while a message is looked at, by break and by close, and hands out none that had come',
    async run(world) {
      const many: Answer = { body: ['id: 1\ndata: one\n\nid: 2\ndata: two\n\nid: 3\ndata: three\n\n'], end: 'hang' }
      for (const how of ['break', 'close', 'signal', 'throw'] as const) {
        const controller = new AbortController()
        const { script, connection } = await opened(world, [many], { signal: controller.signal })
        const read: unknown[] = []
        const reading = (async () => {
          for await (const { data } of connection) {
            read.push(data)
            if (how === 'break') break
            if (how === 'close') await connection.close()
            if (how === 'signal') controller.abort()
            if (how === 'throw') throw new Error('mine')
          }
        })()
        if (how === 'throw') same((await rejection(reading)).message, 'mine')
        else await reading
        same([read, connection.lastEventId, connection.state.phase], [['one'], '1', 'closed'], how)
        same(await script.ending(0), 'left')
      }
    },
  },
  {
    name: 'closes when its iterator is told to return while it waits, as a stream made of it does on cancel',
    async run(world) {
      const { script, connection } = await opened(world, [HELD])
      const iterator = connection[Symbol.asyncIterator]()
      same((await next(iterator)).data, 'one')
      const two = iterator.next()
      same(await iterator.return?.(), { done: true })
      same([await two, connection.state.phase, await script.ending(0)], [{ done: true }, 'closed', 'left'])
    },
  },
  {
    name: 'takes a response without a body for a stream that ended',
    async run(world) {
      let fetched = 0
      const fetch = async (): Promise<Response> => {
        const headers = { 'content-type': 'text/event-stream' }
        return ++fetched === 3 ? new Response(null, { status: 204 }) : new Response(null, { headers })
      }
      const { connection } = await opened(world, [], { fetch })
      same([await all(connection), fetched], [[], 3])
    },
  },
]
