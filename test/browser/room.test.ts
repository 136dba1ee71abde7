import { describe, expect, it } from 'vitest'
import { expectAllOf, ids, join, marks, pending, publish, say, send, texts } from './room-visit.ts'
import { eventually, visitors, waitForState } from './visitors.ts'

const { visit, url } = visitors()

describe('Room', () => {
  it('shows two windows what each of them says, and whose it is', async () => {
    const ada = await visit('/demo/room#room=two')
    const grace = await visit('/demo/room#room=two')
    await join(ada.page, 'Ada')
    await join(grace.page, 'Grace')

    await say(ada.page, 'Hello, Grace')
    await eventually(() => texts(grace.page)).toEqual(['Hello, Grace'])
    await say(grace.page, 'Hello, Ada\nGood to see you')
    await eventually(() => texts(ada.page)).toEqual(['Hello, Grace', 'Hello, Ada\nGood to see you'])

    const mine = '#history .line-mine .line-text'
    await eventually(() => ada.page.locator(mine).allTextContents()).toEqual(['Hello, Grace'])
    await eventually(() => grace.page.locator(mine).allTextContents()).toEqual(['Hello, Ada\nGood to see you'])
    expect(await ada.page.locator('#history .line-name').allTextContents()).toEqual(['Ada', 'Grace'])
    expect(await ids(ada.page)).toEqual(await ids(grace.page))
  })

  it('shows the history to someone who joins late', async () => {
    const early = await visit('/demo/room#room=late')
    await join(early.page, 'Ada')
    for (const text of ['one', 'two', 'three']) await say(early.page, text)
    await eventually(() => texts(early.page)).toEqual(['one', 'two', 'three'])

    const late = await visit('/demo/room#room=late')
    await join(late.page, 'Edsger')
    expect(await texts(late.page)).toEqual(['one', 'two', 'three'])
    expect(await ids(late.page)).toEqual(await ids(early.page))
    expect(await marks(late.page)).toEqual([])
  })

  it('resumes where the switch cut it: each message once, in order, with a mark where it was away', async () => {
    const ada = await visit('/demo/room#room=resume')
    const grace = await visit('/demo/room#room=resume')
    await join(ada.page, 'Ada')
    await join(grace.page, 'Grace')
    await say(ada.page, 'before')
    await eventually(() => texts(grace.page)).toEqual(['before'])
    const [last] = await ids(grace.page)

    await grace.page.click('#connection')
    await waitForState(grace.page, 'cut')
    expect(await marks(grace.page)).toEqual(['you are away'])
    for (const text of ['missed 1', 'missed 2', 'missed 3']) await say(ada.page, text)
    expect(await texts(grace.page)).toEqual(['before'])

    await grace.page.click('#connection')
    await waitForState(grace.page, 'live')
    const mark = `you were away · resumed at ${last} · 3 messages caught up`
    await eventually(() => marks(grace.page)).toEqual([mark])
    await say(ada.page, 'after')
    const all = ['before', 'missed 1', 'missed 2', 'missed 3', 'after']
    await eventually(() => texts(grace.page)).toEqual(all)
    expect((await ids(grace.page)).map((id) => Number.parseInt(id, 10))).toEqual([1, 2, 3, 4, 5])
    const order = await grace.page.locator('#history .mark-text, #history .line-text').allTextContents()
    expect(order).toEqual(['before', mark, ...all.slice(1)])
  })

  it('sends a resume after the last id seen, which in an empty room is the beginning', async () => {
    const ada = await visit('/demo/room#room=from-nothing')
    await join(ada.page, 'Ada')
    await ada.page.click('#connection')
    await waitForState(ada.page, 'cut')
    await publish(url(), 'from-nothing', { event: 'chat', data: { from: 'Grace', text: 'first words' } })
    await ada.page.click('#connection')
    await eventually(() => texts(ada.page)).toEqual(['first words'])
    await eventually(() => marks(ada.page)).toEqual([
      'you were away · resumed from the beginning · 1 message caught up',
    ])
  })

  it('counts the readers', async () => {
    const readers = () => ada.page.locator('#readers').textContent()
    const ada = await visit('/demo/room#room=readers')
    await join(ada.page, 'Ada')
    await eventually(readers).toBe('1')
    const grace = await visit('/demo/room#room=readers')
    await join(grace.page, 'Grace')
    await eventually(readers).toBe('2')
    await grace.page.click('#connection')
    await waitForState(grace.page, 'cut')
    expect(await grace.page.locator('#readers').textContent()).toBe('–')
    // The server learns of a closed connection when it next writes to it; otherwise the heartbeat does that in 15 s.
    await eventually(async () => {
      await publish(url(), 'readers', { data: 'is anyone there?' })
      return readers()
    }).toBe('1')
  })

  it('shows markup as text and runs nothing', async () => {
    const hostile = [
      '<img src=x onerror=alert(1)>',
      '<script>alert(2)</script>',
      '</li></ol><h1 style="color:red">big</h1><a href="javascript:alert(3)">here</a>',
    ]
    const ada = await visit('/demo/room#room=hostile')
    await join(ada.page, '<b>Ada</b>')
    for (const text of hostile) await say(ada.page, text)
    for (const text of hostile) await publish(url(), 'hostile', { event: 'chat', data: { from: text, text } })
    for (const text of hostile) await publish(url(), 'hostile', { data: text })
    await publish(url(), 'hostile', { data: { html: hostile[0] } })

    const shown = [...hostile, ...hostile, ...hostile, JSON.stringify({ html: hostile[0] })]
    await eventually(() => texts(ada.page)).toEqual(shown)
    const late = await visit('/demo/room#room=hostile')
    await join(late.page, 'Grace')
    for (const { page } of [ada, late]) {
      expect(await texts(page)).toEqual(shown)
      expect(await page.locator('#conversation :is(img, script, b, h1 + h1, a)').count()).toBe(0)
    }
    expect(await ada.page.locator('#you').textContent()).toBe('<b>Ada</b>')
  })

  it('shows what others publish without a name for the event, whatever its shape', async () => {
    const ada = await visit('/demo/room#room=shapes')
    await join(ada.page, 'Ada')
    for (const data of ['plain', '', 7, null, [1, 'two'], { any: { thing: true } }, { from: 'curl', text: 'hi' }]) {
      await publish(url(), 'shapes', { data })
    }
    await publish(url(), 'shapes', { event: 'chat', data: 'no shape at all' })
    const shown = ['plain', '', '7', 'null', '[1,"two"]', '{"any":{"thing":true}}', 'hi', 'no shape at all']
    await eventually(() => texts(ada.page)).toEqual(shown)
    expect(await ada.page.locator('#history .line-name').allTextContents()).toEqual(['curl'])
  })

  it('says why the server refused a message, and gives it back to be changed', async () => {
    const ada = await visit('/demo/room#room=refused', { expected: /status of 409/ })
    await join(ada.page, 'Ada')
    let isClosed = true
    await ada.page.route('**/rooms/refused/events', (route) =>
      isClosed && route.request().method() === 'POST'
        ? route.fulfill({
            status: 409,
            contentType: 'application/problem+json',
            body: '{"detail":"the room is closed"}',
          })
        : route.fallback(),
    )
    await send(ada.page, 'anyone?')
    await eventually(() => ada.page.locator('.trouble').textContent()).toBe(
      'Not sent: the room is closed. Take it back to change it or to send it again.',
    )
    expect(await pending(ada.page)).toEqual(['not sent: anyone?'])
    isClosed = false
    await say(ada.page, 'it is open again')
    expect(await pending(ada.page)).toEqual(['not sent: anyone?'])

    await ada.page.fill('#text', 'typed since')
    await ada.page.getByRole('button', { name: 'Take back' }).press('Enter')
    expect(await ada.page.inputValue('#text')).toBe('anyone?\ntyped since')
    expect(await ada.page.locator('.trouble').textContent()).toBe('')
    expect(await ada.page.evaluate(() => document.activeElement?.id)).toBe('text')
    await ada.page.keyboard.press('Enter')
    await eventually(() => texts(ada.page)).toEqual(['it is open again', 'anyone?\ntyped since'])
    await expectAllOf(ada.page, url(), 'refused')
  })

  it('says in plain words that something is missing after a gap, and repeats nothing', async () => {
    const ada = await visit('/demo/room#room=gap')
    await join(ada.page, 'Ada')
    await say(ada.page, 'one')
    await eventually(() => texts(ada.page)).toEqual(['one'])
    // A cursor of another log: what a browser holds whose room lost its past.
    await ada.page.route('**/events?from=*', (route) =>
      route.continue({ headers: { ...route.request().headers(), 'last-event-id': '1-aaaaaa' } }),
    )
    await ada.page.click('#connection')
    await waitForState(ada.page, 'cut')
    await publish(url(), 'gap', { event: 'chat', data: { from: 'Grace', text: 'two' } })
    await ada.page.click('#connection')
    await waitForState(ada.page, 'gap')
    expect(await ada.page.locator('#state').textContent()).toContain('Live, after a gap')
    await eventually(() => texts(ada.page)).toEqual(['one', 'two'])
    expect((await marks(ada.page)).at(-1)).toMatch(
      /^some messages are missing: the room does not know the place you stopped at; its log was replaced/,
    )
    await say(ada.page, 'three')
    await waitForState(ada.page, 'live')
    expect(await texts(ada.page)).toEqual(['one', 'two', 'three'])
  })

  it('works by keyboard alone', async () => {
    const { page } = await visit('/demo/room#room=keyboard')
    const { keyboard } = page
    const focused = () => page.evaluate(() => document.activeElement?.id)
    const tabTo = async (id: string) => {
      for (let tabs = 0; (await focused()) !== id; tabs++) {
        if (tabs > 20) throw new Error(`Cannot reach ${id} by Tab: stopped at ${await focused()}`)
        await keyboard.press('Tab')
      }
    }
    await tabTo('name')
    await keyboard.type('Ada')
    await keyboard.press('Enter')
    await waitForState(page, 'live')
    expect(await focused()).toBe('text')
    await keyboard.type('no mouse')
    await keyboard.press('Shift+Enter')
    await keyboard.type('needed')
    await keyboard.press('Enter')
    await eventually(() => texts(page)).toEqual(['no mouse\nneeded'])

    await page.evaluate(() => (document.activeElement as HTMLElement).blur())
    await tabTo('connection')
    await keyboard.press('Space')
    await waitForState(page, 'cut')
    await keyboard.press('Enter')
    await waitForState(page, 'live')
    await tabTo('history-box')
    await tabTo('text')
    await keyboard.type('back')
    await keyboard.press('Enter')
    await eventually(() => texts(page)).toEqual(['no mouse\nneeded', 'back'])
  })

  it('takes the room from a link and remembers the name', async () => {
    const { page } = await visit('/demo/room?room=from-query')
    expect(await page.inputValue('#room')).toBe('from-query')
    await join(page, 'Ada')
    expect(new URL(page.url()).hash).toBe('#room=from-query')
    expect(await page.locator('#curl-read').textContent()).toBe(`curl -N '${url()}/rooms/from-query/events?from=10'`)
    await page.click('#leave')
    await page.reload()
    expect(await page.locator('#conversation').isHidden()).toBe(true)
    expect(await page.inputValue('#room')).toBe('from-query')
    expect(await page.inputValue('#name')).toBe('Ada')
    // The form refuses what the server would refuse, and says so before asking it.
    for (const name of ['~mine', '..', 'a b', 'é', 'x'.repeat(65)]) {
      await page.locator('#room').evaluate((input: HTMLInputElement, value) => (input.value = value), name)
      expect(await page.locator('#room').evaluate((input: HTMLInputElement) => input.validity.patternMismatch)).toBe(
        true,
      )
    }
  })

  it('speaks through the curl line it shows', async () => {
    const { page } = await visit('/demo/room#room=curl')
    await join(page, 'Ada')
    const line = (await page.locator('#curl-say').textContent()) ?? ''
    expect(line.split(' \\\n  ').slice(0, 2)).toEqual([
      `curl ${url()}/rooms/curl/events`,
      "-H 'content-type: application/json'",
    ])
    await publish(url(), 'curl', JSON.parse(/-d '(.*)'$/.exec(line)?.[1] ?? ''))
    await eventually(() => texts(page)).toEqual(['hello'])
    expect(await page.locator('#history .line-name').allTextContents()).toEqual(['curl'])
  })

  it('keeps the newest 500 lines, and leaves someone who reads older ones where they are', async () => {
    const { page } = await visit('/demo/room#room=long')
    await join(page, 'Ada')
    for (let n = 1; n <= 60; n++) await publish(url(), 'long', { data: `line ${n}` })
    await eventually(async () => (await texts(page)).length).toBe(60)
    const box = page.locator('#history-box')
    const below = () => box.evaluate((it) => Math.round(it.scrollHeight - it.scrollTop - it.clientHeight))
    await eventually(below).toBe(0)

    await box.evaluate((it) => (it.scrollTop = 0))
    await publish(url(), 'long', { data: 'line 61' })
    await page.locator('#newest').waitFor({ state: 'visible' })
    expect(await box.evaluate((it) => it.scrollTop)).toBe(0)
    await page.click('#newest')
    await eventually(below).toBe(0)
    await page.locator('#newest').waitFor({ state: 'hidden' })

    for (let n = 62; n <= 520; n += 17) {
      const some = Array.from({ length: Math.min(17, 521 - n) }, (_, index) => `line ${n + index}`)
      await Promise.all(some.map((data) => publish(url(), 'long', { data })))
    }
    await eventually(async () => Number.parseInt((await ids(page)).at(-1) ?? '', 10)).toBe(520)
    expect((await ids(page)).map((id) => Number.parseInt(id, 10))).toEqual(
      Array.from({ length: 500 }, (_, index) => index + 21),
    )
    await eventually(below).toBe(0)
  })
})
