/** A reader that leaves, however it does: its source hears of it and cleans up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EventReader } from './event-reader.ts'
import { flags, launchHandler, type Server } from './launch.ts'
import { RawSocket, request } from './raw-socket.ts'

let server: Server
beforeAll(async () => {
  server = await launchHandler('test/e2e/probe.ts')
})
afterAll(() => server.close())

let readers = 0
const open = async (path: string, query = ''): Promise<{ reader: EventReader; name: string }> => {
  const name = `reader-${++readers}`
  const reader = await EventReader.open(server.port, `${path}?name=${name}${query}`)
  await reader.until('an event', () => reader.events.length > 0)
  return { reader, name }
}
const untilEnded = (name: string): Promise<void> =>
  expect
    .poll(() => server.logs.filter((line) => line === `ended ${name}`), { timeout: 20_000 })
    .toEqual([`ended ${name}`])

describe.each(['/idle', '/busy'])('the source of %s', (path) => {
  it.each(['reset', 'fin'] as const)('runs its `finally` when its reader leaves by a %s', async (how) => {
    const { reader, name } = await open(path)
    reader.cut(how)
    await untilEnded(name)
  })

  it(`${flags.halfClose} when its reader sends no more and goes on reading`, async () => {
    const { reader, name } = await open(path)
    reader.end()
    if (flags.halfClose === 'ends') return untilEnded(name)
    const { length } = reader.comments
    const heard = path === '/idle' ? () => reader.comments.length >= length + 3 : () => reader.events.length > 1_000
    await reader.until('what comes after that', heard)
    expect(server.logs).not.toContain(`ended ${name}`)
    reader.cut('reset')
    await untilEnded(name)
  })
})

describe('the source of a stream on which nothing is written', () => {
  it.each(flags.closedConnection === 'at once' ? (['reset', 'fin'] as const) : (['reset'] as const))(
    'hears of a %s',
    async (how) => {
      const { reader, name } = await open('/idle', '&heartbeat=600000')
      reader.cut(how)
      await untilEnded(name)
    },
  )
})

describe('a reader that takes nothing', () => {
  it('is not written to for ever: its source waits, and goes on when it reads again', async () => {
    const name = `reader-${++readers}`
    const socket = await RawSocket.open(server.port)
    socket.write(request('GET', `/busy?name=${name}`))
    const head = await socket.head()
    socket.pause()
    const asked = (): number => server.logs.filter((line) => line.startsWith(`asked ${name} `)).length
    // The kernel takes some megabytes. Then the source stands still while others are served.
    await expect.poll(standsStill(asked), { timeout: 20_000, interval: 250 }).toBe(true)
    const before = asked()
    expect(before).toBeLessThan(20)
    socket.resume()
    const body = socket.body(head)
    while (asked() === before) await body.next()
    socket.cut('reset')
    await untilEnded(name)
  })
})

/** True once `count` is what it was the last time, and that is not nothing. */
function standsStill(count: () => number): () => boolean {
  const seen: number[] = []
  return () => {
    seen.push(count())
    return seen.length >= 4 && (seen.at(-1) ?? 0) > 0 && seen.slice(-4).every((each) => each === seen.at(-1))
  }
}
