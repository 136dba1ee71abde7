/** Words that would be programs, in Room: as names, messages and rooms, in what it remembers, and in what a stream says. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { ids, marks, news, publish, texts } from './room-visit.ts'
import { oneLine, payloads, printable, together } from './scripting-payloads.ts'
import { enter, openWatched, publishAll, put, remember, soon, sourceOf } from './scripting-visit.ts'
import { strays } from './scripting-watch.ts'
import { visitors, waitForState } from './visitors.ts'

const all = visitors()
const { url } = all
const source = sourceOf('room')

const names = (page: Page): Promise<string[]> => page.locator('#history .line-name').allTextContents()

describe('Room', () => {
  it('shows names and messages that visitors type', async () => {
    const { page } = await openWatched(all, '/demo/room#room=typed')
    const { page: other } = await openWatched(all, '/demo/room#room=typed')
    await enter(other, '#name', 'Grace')
    for (const [index, words] of payloads.entries()) {
      await enter(page, '#name', words)
      expect(await page.locator('#you').textContent()).toBe(oneLine(words))
      await enter(page, '#text', words)
      await soon(async () => (await ids(page)).length).toBe(index + 1)
      await page.click('#leave')
    }
    await soon(() => texts(other)).toEqual(payloads)
    expect(await names(other)).toEqual(payloads.map(oneLine))
    for (const one of [page, other]) expect(await strays(one, { source })).toEqual([])
  })

  it('shows what programs publish, of every shape and size', async () => {
    const shapes = (words: string): [data: unknown, text: string, name?: string][] => [
      [{ from: words, text: words }, words, words],
      [words, words],
      [[words], JSON.stringify([words])],
      [{ [words]: words }, JSON.stringify({ [words]: words })],
      [{ from: words, text: [words] }, JSON.stringify({ from: words, text: [words] })],
      [{ from: 'a', text: words, html: words }, words, 'a'],
    ]
    const sent = [...payloads.flatMap(shapes), ...[7, true, null].map((data) => [data, String(data)] as const)]
    const early = sent.slice(0, 120)
    const publishSome = (some: typeof sent) =>
      publishAll(
        url(),
        'published',
        some.map(([data], index) => (index % 2 ? { data } : { event: 'chat', data })),
      )
    await publishSome(early)
    const { page } = await openWatched(all, '/demo/room#room=published')
    await enter(page, '#name', 'Ada')
    await waitForState(page, 'live')
    await publishSome(sent.slice(120))
    const huge = together.repeat(Math.floor(240_000 / JSON.stringify(together).length))
    await publish(url(), 'published', { data: { from: huge, text: huge.slice(0, 3_000) } }).catch(() => undefined)
    await publish(url(), 'published', { data: huge })
    // Whatever an event is called, nothing is listening to it.
    for (const event of [...payloads, 'error', 'open', 'stream.error', 'stream.gap', 'toString'])
      await publish(url(), 'published', { event, data: together }).catch((error) =>
        expect(error.message).toMatch(/the answer was 400/),
      )
    await publish(url(), 'published', { event: 'chat', data: 'the last' })
    await soon(async () => (await texts(page)).at(-1)).toBe('the last')
    const shown = await texts(page)
    expect(shown.slice(0, sent.length)).toEqual(sent.map(([, text]) => text))
    expect(shown.at(-2)).toBe(huge)
    const speakers = sent.flatMap(([, , name]) => name ?? [])
    expect((await names(page)).slice(0, speakers.length)).toEqual(speakers)
    expect(await strays(page, { source })).toEqual([])
    await waitForState(page, 'live')
  })

  it('takes none of them for a room, from an address, a form or what it remembers', async () => {
    const { page } = await openWatched(all, '/healthz')
    const isRoom = (words: string) => words === '__proto__'
    for (const [index, words] of payloads.entries()) {
      // A load takes long, and all of them go the same way.
      if (index % 4 > 0 && !isRoom(words)) continue
      const room = isRoom(words) ? words : 'lobby'
      const query = new URLSearchParams({ room: words, name: words })
      const kept = { local: { room: words }, session: { name: words, inside: words } }
      await remember(page, kept, `${url()}/demo/room${index % 8 ? `?${query}#${words}` : `#${query}`}`)
      expect(await page.inputValue('#room')).toBe(room)
      expect(await page.inputValue('#name')).toBe(oneLine(words))
      expect(await page.locator('#lobby').isHidden()).toBe(isRoom(words))
      expect(await strays(page, { source })).toEqual([])
    }
    for (const words of payloads) {
      await put(page, '#room', words)
      const isValid = (field: Element) => (field as HTMLInputElement).validity.valid
      expect(await page.locator('#room').evaluate(isValid)).toBe(isRoom(words))
    }
    // How the page reads its address, for every one of them.
    const address = await page.evaluateHandle<{ readAddress(): { room: string } }>("import('/demo/room-address.js')")
    const rooms = await address.evaluate(({ readAddress }, all) => {
      return all.map((words) => {
        localStorage.setItem('edge-sse:room', words)
        history.replaceState(null, '', `#${new URLSearchParams({ room: words })}`)
        return readAddress().room
      })
    }, payloads)
    expect(rooms).toEqual(payloads.map((words) => (isRoom(words) ? words : 'lobby')))
  })

  it('shows one that passed the form, and that the server has no such room', async () => {
    const { page } = await openWatched(all, '/demo/room')
    await page.locator('#room').evaluate((field) => field.removeAttribute('pattern'))
    for (const words of payloads.filter((one) => one !== '__proto__').map(oneLine)) {
      await put(page, '#name', words)
      await enter(page, '#room', words)
      expect(await page.locator('#room-title').textContent()).toBe(words)
      expect(await page.locator('#curl-read').textContent()).toContain(words)
      expect(await page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get('room'))).toBe(words)
      await soon(() => marks(page)).toEqual([expect.stringMatching(/room/)])
      await page.click('#leave')
    }
    expect(await strays(page, { source })).toEqual([])
  })

  it('shows messages that it remembers, and starts whatever stands there', async () => {
    const { page } = await openWatched(all, '/healthz')
    const held = payloads.map((words) => ({ key: words, room: 'kept', name: words, text: words, refused: words }))
    const session = { name: together, inside: 'kept', mine: JSON.stringify(payloads), outbox: JSON.stringify(held) }
    await remember(page, { session }, `${url()}/demo/room#room=kept`)
    await waitForState(page, 'live')
    const lines = page.locator('#outbox .line')
    expect(await lines.locator('.line-text').allTextContents()).toEqual(payloads)
    expect(await lines.locator('.line-name').allTextContents()).toEqual(payloads)
    expect(await page.locator('#you').textContent()).toBe(together)
    for (const words of payloads) {
      expect(await page.locator('.trouble').textContent()).toContain(`Not sent: ${words}. Take it back`)
      await put(page, '#text', '')
      await lines.first().getByRole('button').click()
      expect(await page.inputValue('#text')).toBe(words)
    }
    expect(await strays(page, { source })).toEqual([])

    for (const [index, kept] of [together, JSON.stringify(together), '7', 'null', '{}', '[null, 7]'].entries()) {
      const session = { name: 'Ada', inside: 'kept', mine: kept, outbox: kept }
      await remember(page, { session }, `${url()}/demo/room?${index}#room=kept`)
      await waitForState(page, 'live')
    }
    expect(await strays(page, { source })).toEqual([])
  })

  it('shows why a message was refused, and why one has to wait', async () => {
    const { page } = await openWatched(all, '/demo/room#room=refused')
    await enter(page, '#name', 'Ada')
    await waitForState(page, 'live')
    let answer = { status: 422, body: '' }
    await page.route('**/rooms/refused/events', (route) => route.fulfill(answer))
    for (const words of payloads) {
      answer = { status: 422, body: JSON.stringify({ detail: words }) }
      await enter(page, '#text', words)
      await soon(() => page.locator('.trouble').textContent()).toContain(`Not sent: ${words}. Take it back`)
      await page.getByRole('button', { name: 'Take back' }).click()
    }
    answer = { status: 503, body: JSON.stringify({ title: together }) }
    await enter(page, '#text', together)
    await soon(() => news(page)).toContain(`Your message waits here: ${together}. It is`)
    expect(await strays(page, { source })).toEqual([])
  })

  it('shows what a stream says of itself, and why there is none', async () => {
    const { page } = await openWatched(all, '/demo/room#room=told')
    const blocks = payloads.flatMap((words) => [
      `event: stream.presence\ndata: ${JSON.stringify({ subscribers: words })}`,
      `event: stream.gap\ndata: ${JSON.stringify({ reason: words, oldest: words })}`,
      `event: stream.error\ndata: ${JSON.stringify({ message: words })}`,
    ])
    const said = printable.map((words) => `id: ${words}\nevent: chat\ndata: ${words}`)
    const live = `event: stream.live\nid: ${printable[0]}\ndata: {}`
    const body = `retry: 100\n\n${[...blocks, ...said, live].join('\n\n')}\n\n`
    const refusal = { status: 400, body: JSON.stringify({ detail: together }) }
    await page.route(/\/rooms\/told/, (route) => route.fulfill(refusal))
    const answer = { contentType: 'text/event-stream', body }
    await page.route(/\/rooms\/told/, (route) => route.fulfill(answer), { times: 1 })
    await page.evaluate(() => {
      const readers = document.getElementById('readers') as HTMLElement
      const all: string[] = []
      Object.assign(globalThis, { readers: all })
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) for (const { textContent } of addedNodes) all.push(textContent ?? '')
      }).observe(readers, { childList: true })
    })
    await enter(page, '#name', 'Ada')
    await soon(() => ids(page)).toEqual(printable)
    expect(await texts(page)).toEqual(printable)
    const shown = await page.evaluate(() => (globalThis as unknown as { readers: string[] }).readers)
    expect(shown.filter((text) => text !== '–')).toEqual(payloads)
    const told = payloads.flatMap((words) => [
      `some messages are missing: ${words}; it goes on from ${words}`,
      `the server broke off: ${words}`,
    ])
    expect((await marks(page)).slice(0, 80)).toEqual(told)
    await soon(async () => (await marks(page)).at(-1)).toBe(together)
    expect(await strays(page, { source })).toEqual([])
  })
})
