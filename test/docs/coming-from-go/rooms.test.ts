/** What docs/coming-from-go.md says of rooms: broadcast, resuming, slow readers, and work that outlives its request. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { EventReader } from '../../e2e/event-reader.ts'
import { Page } from '../page.ts'

const page = new Page('docs/coming-from-go.md', 'rooms')

async function open(port: number, target: string, headers = {}): Promise<EventReader> {
  const reader = await EventReader.open(port, target, headers)
  onTestFinished(() => reader.cut('reset'))
  return reader
}

describe('CreateStream and server.Publish', () => {
  const serve = async () => {
    const { url, port } = await page.serve('CreateStream and server.Publish')
    const publish = async (stream: string, value: unknown): Promise<string> => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${url}/?stream=${stream}`, { method: 'POST', headers, body: JSON.stringify(value) })
      expect(response.status).toBe(200)
      return (await response.json()).id
    }
    return { port, publish }
  }

  it('waits for a room that does not exist yet, and begins now', async () => {
    const { port, publish } = await serve()
    const early = await open(port, '/?stream=new')
    await early.untilLive()
    const first = await publish('new', { n: 1 })
    await early.untilId(first)
    expect(early.published).toEqual([{ id: first, event: 'order', data: '{"n":1}' }])
    expect(first).toMatch(/^1-\w+$/)
    const late = await open(port, '/?stream=new')
    await late.untilLive()
    const second = await publish('new', '')
    await Promise.all([early, late].map((reader) => reader.untilId(second)))
    expect(late.published).toEqual([{ id: second, event: 'order', data: '' }])
    const all = await open(port, '/?stream=new&from=start')
    await all.untilLive()
    expect(all.ids).toEqual([first, second])
  })

  it('goes on after the id a reader brings, repeats nothing, and says what it cannot fill', async () => {
    const { port, publish } = await serve()
    const ids = [await publish('kept', 1), await publish('kept', 2), await publish('kept', 3)]
    const back = await open(port, '/?stream=kept', { 'Last-Event-ID': ids[0] })
    await back.untilLive()
    expect(back.ids).toEqual(ids.slice(1))
    expect(back.named('stream.gap')).toEqual([])
    const lost = await open(port, '/?stream=kept', { 'Last-Event-ID': '2-aaaaaa' })
    await lost.untilLive()
    const names = lost.events.map(({ event }) => event).filter((event) => event !== 'stream.presence')
    expect(names).toEqual(['stream.gap', 'order', 'order', 'order', 'stream.live'])
    expect(JSON.parse(lost.named('stream.gap')[0]?.data ?? '')).toMatchObject({ reason: 'unknown', asked: '2-aaaaaa' })
  })

  it('lets nobody wait for a reader that takes nothing, which gets all of it later', async () => {
    const { port, publish } = await serve()
    const slow = await open(port, '/?stream=busy')
    const quick = await open(port, '/?stream=busy')
    await Promise.all([slow.untilLive(), quick.untilLive()])
    slow.pause()
    const ids: string[] = []
    // More than kernels hold for one connection, and less than a room keeps.
    for (let n = 0; n < 60; n++) {
      ids.push(await publish('busy', `${n} `.padEnd(120_000, '.')))
      await quick.untilId(ids.at(-1) ?? '')
    }
    expect(quick.ids).toEqual(ids)
    expect(slow.ids.length).toBeLessThan(ids.length)
    slow.resume()
    await slow.untilId(ids.at(-1) ?? '')
    expect(slow.ids).toEqual(ids)
  })
})

describe('A goroutine that outlives its request', () => {
  it('runs once, goes on without readers, and ends with its room', async () => {
    const { url, port } = await page.serve('A goroutine that outlives its request')
    const start = async () => {
      const response = await fetch(url, { method: 'POST' })
      return { status: response.status, ...(await response.json()) }
    }
    const first = await start()
    expect(first).toMatchObject({ status: 202, duplicate: false })
    const leaving = await open(port, '/')
    await leaving.until('one count', () => leaving.published.length === 1)
    leaving.cut('fin')
    expect(await start()).toEqual({ ...first, duplicate: true })
    const late = await open(port, '/')
    await late.untilEnd()
    expect(late.published.map(({ event, data }) => `${event} ${data}`)).toEqual([
      'count 3',
      'count 2',
      'count 1',
      'count 0',
    ])
    expect(late.ended).toBe('well')
    expect(late.named('stream.end')).toEqual([{ id: '~end', event: 'stream.end', data: '{"reconnect":false}' }])
  })
})
