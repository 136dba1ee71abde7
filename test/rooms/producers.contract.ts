/** What `src/rooms/room.ts` promises of producers, held against one backend with the producers of `producers.ts`. */
import { describe, expect, it, vi } from 'vitest'
import type { RoomBackend } from '../../src/rooms/backend.ts'
import { makeRoom } from '../../src/rooms/make-room.ts'
import type { Room, RoomMessage, RunState } from '../../src/rooms/room.ts'
import { delayed } from './delayed.ts'
import { SECRET } from './producers.ts'
import { StreamReader } from './stream-reader.ts'

let rooms = 0

export function producersContract(backendOf: (name: string) => RoomBackend, latency: number): void {
  const newRoom = (prefix = '~job'): Room => {
    const name = `${prefix}-${++rooms}-${crypto.randomUUID().slice(0, 8)}`
    return makeRoom(name, delayed(backendOf(name), latency))
  }
  const subscribe = async (room: Room, lastEventId?: string): Promise<StreamReader> => {
    const headers = { accept: '*/*', ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) }
    return new StreamReader(await room.subscribe(new Request('http://localhost/', { headers }), { from: 'start' }))
  }
  const named =
    (name: string) =>
    ({ event }: { event?: string | undefined }): boolean =>
      event === name
  const go = (room: Room): Promise<unknown> => room.publish({ event: 'go', data: '' })
  const history = async (room: Room): Promise<RoomMessage[]> => {
    const all: RoomMessage[] = []
    for await (const message of room.read({ live: false })) if ('data' in message) all.push(message)
    return all
  }
  const untilState = (room: Room, state: RunState): Promise<void> =>
    expect.poll(async () => (await room.info())?.runs?.map((run) => run.state), { timeout: 15_000 }).toEqual([state])
  const ended = { code: '', run: expect.any(String), message: expect.any(String) }

  describe('start', () => {
    it('says in the room what the producer yields, in order and without holes, and closes it', async () => {
      const room = newRoom()
      const started = await room.start('count', { to: 500 })
      expect(started).toEqual({ run: expect.any(String), duplicate: false })
      const reader = await subscribe(room)
      const read = await reader.until(named('stream.end'))
      expect(read.filter(named('count')).map(({ data }) => JSON.parse(data).n)).toEqual(
        Array.from({ length: 500 }, (_, index) => index + 1),
      )
      expect(read.at(-1)).toMatchObject({ id: '~end', data: '{"reconnect":false}' })
      expect(await room.info()).toMatchObject({
        count: 500,
        state: 'closed',
        runs: [{ run: started.run, producer: 'count', state: 'done' }],
      })
      const last = (await history(room)).at(-1)?.id ?? ''
      const again = await room.subscribe(new Request('http://localhost/', { headers: { 'last-event-id': last } }))
      expect(again.status).toBe(204)
    })

    it('brings no room to life where it may not, and starts in one that is there', async () => {
      const room = newRoom()
      const absent = { code: 'room-not-found' }
      await expect(room.start('count', { to: 1 }, { create: false, key: 'k' })).rejects.toMatchObject(absent)
      expect(await room.info()).toBeUndefined()
      await room.publish({ data: 'first' })
      const { run } = await room.start('count', { to: 1 }, { create: false, key: 'k' })
      await untilState(room, 'done')
      expect(await room.start('count', { to: 1 }, { create: false, key: 'k' })).toEqual({ run, duplicate: true })
    })

    it('sends the first message at once, while the producer waits', async () => {
      const room = newRoom()
      await room.start('wait', {})
      const reader = await subscribe(room)
      await reader.until(named('begun'))
      await go(room)
      await reader.until(named('went'))
      await reader.until(named('stream.end'))
    })

    it('goes on when its readers have left, and who comes back misses nothing', async () => {
      const room = newRoom()
      await room.start('wait', {})
      const reader = await subscribe(room)
      const begun = (await reader.until(named('begun'))).at(-1)
      await reader.leave()
      await expect.poll(async () => (await room.info())?.subscribers, { timeout: 10_000 }).toBe(0)
      await go(room)
      await untilState(room, 'done')
      const back = await subscribe(room, begun?.id)
      const read = await back.until(named('stream.end'))
      expect(read.flatMap(({ event }) => (event?.startsWith('stream.') ? [] : [event]))).toEqual(['go', 'went'])
    })

    it('is stopped with its last reader where that was asked for', async () => {
      const room = newRoom()
      await room.start('wait', {}, { whenEmpty: 'cancel' })
      const [one, two] = [await subscribe(room), await subscribe(room)]
      for (const reader of [one, two]) await reader.until(named('begun'))
      await one.leave()
      await expect.poll(async () => (await room.info())?.subscribers, { timeout: 10_000 }).toBe(1)
      expect((await room.info())?.runs).toMatchObject([{ state: 'running' }])
      await two.leave()
      await untilState(room, 'stopped')
      const last = (await history(room)).at(-1)
      expect(last?.event).toBe('stream.error')
      expect(JSON.parse(last?.data ?? '')).toEqual({ ...ended, code: 'producer-stopped' })
    })

    it('is one run for one key, however often and at once, also when it has ended', async () => {
      const room = newRoom()
      const start = () => room.start('wait', { a: 1 }, { key: 'k', then: 'keep' })
      const all = await Promise.all(Array.from({ length: 20 }, start))
      expect(new Set(all.map(({ run }) => run)).size).toBe(1)
      expect(all.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
      await go(room)
      await untilState(room, 'done')
      expect(await start()).toEqual({ run: all[0]?.run, duplicate: true })
      expect((await history(room)).filter(named('begun'))).toHaveLength(1)
    })

    it('refuses a key that was used for another input or producer, and keeps subjects apart', async () => {
      const room = newRoom()
      const options = { key: 'k', subject: 'ada', then: 'keep' } as const
      const first = await room.start('count', { to: 1 }, options)
      const refused = { code: 'idempotency-conflict' }
      await expect(room.start('count', { to: 2 }, options)).rejects.toMatchObject(refused)
      await expect(room.start('wait', { to: 1 }, options)).rejects.toMatchObject(refused)
      const other = await room.start('count', { to: 1 }, { ...options, subject: 'ben' })
      expect(other).toMatchObject({ duplicate: false })
      expect(other.run).not.toBe(first.run)
    })

    it('takes several runs in one room, which stays open where that was asked for', async () => {
      const room = newRoom()
      const runs = await Promise.all(
        [1, 2, 3].map((n) => room.start('wait', { n }, { then: 'keep' }).then(({ run }) => run)),
      )
      await go(room)
      await expect
        .poll(async () => (await room.info())?.runs?.every(({ state }) => state === 'done'), { timeout: 15_000 })
        .toBe(true)
      await room.publish({ data: 'after' })
      const said = await history(room)
      for (const run of runs)
        expect(said.filter(({ data }) => data === JSON.stringify({ run })).map(({ event }) => event)).toEqual([
          'begun',
          'went',
        ])
      expect(said.at(-1)?.data).toBe('after')
    })

    it.each(['throws', 'misleads', 'forges', 'too large', 'returns too large'])(
      'ends a run that %s with an error that tells nothing, and never in silence',
      async (end) => {
        const log = vi.spyOn(console, 'error').mockImplementation(() => {})
        const room = newRoom()
        const { run } = await room.start('wait', { end })
        const reader = await subscribe(room)
        await reader.until(named('begun'))
        await go(room)
        const [error] = (await reader.until(named('stream.error'))).slice(-1)
        expect(JSON.parse(error?.data ?? '')).toEqual({ ...ended, code: 'producer-failed', run })
        await reader.until(named('stream.end'))
        expect(reader.text).not.toContain(SECRET)
        expect(reader.text).not.toContain('went')
        await untilState(room, 'failed')
        log.mockRestore()
      },
    )

    it('tells of an error that is for everybody what it says, and when to try again', async () => {
      const log = vi.spyOn(console, 'error').mockImplementation(() => {})
      const room = newRoom()
      const { run } = await room.start('wait', { end: 'says' })
      await go(room)
      await untilState(room, 'failed')
      const told = { code: 'upstream-busy', run, message: 'Cannot answer: ask later', retryAfter: 7 }
      expect(JSON.parse((await history(room)).at(-1)?.data ?? '')).toEqual(told)
      log.mockRestore()
    })

    it('says what it returns last, in one step with its end: whoever has read that finds the room closed', async () => {
      const room = newRoom()
      const { run } = await room.start('wait', { end: 'returns' })
      const reader = await subscribe(room)
      await reader.until(named('begun'))
      await go(room)
      const went = (await reader.until(named('went'))).at(-1)
      expect(await room.info()).toMatchObject({ state: 'closed', newest: went?.id })
      await room.stop(run)
      expect((await history(room)).at(-1)).toEqual(went)
      expect((await room.info())?.runs).toMatchObject([{ state: 'done', whenEmpty: 'continue' }])
    })

    it('keeps all that is said in a room of ours, and a thousand events elsewhere', async () => {
      const mine = newRoom()
      await mine.start('count', { to: 3_000 })
      await untilState(mine, 'done')
      expect(await history(mine)).toHaveLength(3_000)
      const other = newRoom('job')
      await other.start('count', { to: 3_000 })
      await untilState(other, 'done')
      expect((await history(other)).length).toBeLessThan(2_000)
    })

    it('takes 16 runs at once, and more when they are over', async () => {
      const room = newRoom()
      const start = (n: number) => room.start('wait', { n }, { key: String(n), then: 'keep' })
      await Promise.all(Array.from({ length: 16 }, (_, n) => start(n)))
      await expect(start(16)).rejects.toMatchObject({ code: 'rate-limited', field: 'runs', retryAfter: 5 })
      expect(await start(3)).toMatchObject({ duplicate: true })
      await go(room)
      await expect
        .poll(async () => (await room.info())?.runs?.every(({ state }) => state === 'done'), { timeout: 15_000 })
        .toBe(true)
      expect(await start(16)).toMatchObject({ duplicate: false })
    })

    it('refuses what is no producer or input, and makes no room', async () => {
      const room = newRoom()
      for (const name of ['nobody', 'constructor', '__proto__', ''])
        await expect(room.start(name, 1)).rejects.toMatchObject({ code: 'unknown-producer' })
      await expect(room.start('count', () => {})).rejects.toMatchObject({ code: 'cannot-encode' })
      await expect(room.start('count', 'x'.repeat(1_048_576))).rejects.toMatchObject({ code: 'payload-too-large' })
      for (const key of ['', 'k'.repeat(65), 'a\nb'])
        await expect(room.start('count', { to: 1 }, { key })).rejects.toMatchObject({ code: 'invalid-idempotency-key' })
      await expect(room.start('count', 1, { subject: 'x'.repeat(513) })).rejects.toMatchObject({
        code: 'invalid-option',
      })
      expect(await room.info()).toBeUndefined()
    })

    it('refuses to start in a closed room, and knows its keys', async () => {
      const room = newRoom()
      const first = await room.start('count', { to: 1 }, { key: 'k' })
      await untilState(room, 'done')
      await expect(room.start('count', { to: 1 })).rejects.toMatchObject({ code: 'room-closed' })
      expect(await room.start('count', { to: 1 }, { key: 'k' })).toEqual({ run: first.run, duplicate: true })
    })
  })

  describe('stop', () => {
    it('ends a run, which says so, and changes nothing a second time', async () => {
      const room = newRoom()
      const { run } = await room.start('wait', {})
      const reader = await subscribe(room)
      await reader.until(named('begun'))
      await Promise.all([room.stop(run), room.stop(run)])
      const [error] = (await reader.until(named('stream.error'))).slice(-1)
      expect(JSON.parse(error?.data ?? '')).toEqual({ ...ended, code: 'producer-stopped', run })
      await reader.until(named('stream.end'))
      await room.stop(run)
      expect(await room.info()).toMatchObject({ state: 'closed', runs: [{ run, state: 'stopped' }] })
    })

    it('leaves one that has ended as it is, and knows no others', async () => {
      const room = newRoom()
      const { run } = await room.start('count', { to: 1 })
      await untilState(room, 'done')
      await room.stop(run)
      expect(await room.info()).toMatchObject({ count: 1, runs: [{ run, state: 'done' }] })
      await expect(room.stop('another')).rejects.toMatchObject({ code: 'not-found' })
      await expect(newRoom().stop(run)).rejects.toMatchObject({ code: 'not-found' })
    })

    it('comes with the end of the room', async () => {
      const room = newRoom()
      await room.start('wait', {})
      await room.publish({ data: 'before' })
      await room.close()
      await untilState(room, 'stopped')
      expect(await room.info()).toMatchObject({ state: 'closed' })
    })
  })
}
