/** The Chat tool page: many people, one model, and what each of them sees of the others' questions. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import * as play from '../upstream/script.ts'
import { offlineAnswer } from './chat-visit.ts'
import { goOffline, goOnline } from './offline.ts'
import { join, marks, news, pending, publish, texts } from './room-visit.ts'
import { awkwardParts, scriptedModels, slowAnswer } from './scripted-models.ts'
import { ask, exchanges, rows, send } from './tool-visit.ts'
import { eventually, networkErrors, visitors, waitForState } from './visitors.ts'

const { upstream, vars } = await scriptedModels('first', 'second', 'held', 'many')
const { visit, url } = visitors(vars)

const choose = (page: Page, model: string): Promise<string[]> => page.selectOption('#model', { label: model })
const questions = async (page: Page): Promise<string[]> => (await exchanges(page)).map(({ question }) => question)
const states = async (page: Page): Promise<string[]> => (await exchanges(page)).map(({ state }) => state)
const answersIn = async (page: Page): Promise<string[]> => (await exchanges(page)).map(({ answer }) => answer)

describe('Chat tool', () => {
  it('shows two visitors what each of them asks, and both answers side by side while they grow', async () => {
    const parts = [awkwardParts(60), awkwardParts(90)]
    const scripts = parts.map((some) => [
      play.stream(),
      play.said('At once: '),
      play.hold(),
      ...slowAnswer(some, 10).slice(1),
    ])
    upstream.play('first', scripts[0] ?? [])
    upstream.play('second', scripts[1] ?? [])
    const whole = scripts.map(play.textOf)
    const ada = await visit('/demo/chat-tool?room=two')
    const grace = await visit('/demo/chat-tool?room=two')
    await join(ada.page, 'Ada')
    await join(grace.page, 'Grace')
    await choose(ada.page, 'first')
    await choose(grace.page, 'second')
    await ask(ada.page, 'Who was first?')
    await eventually(() => questions(grace.page)).toEqual(['Who was first?'])
    await ask(grace.page, 'Who was second?')
    for (const { page } of [ada, grace]) {
      await eventually(() => answersIn(page)).toEqual(['At once: ', 'At once: '])
      expect(await rows(page)).toEqual([['Who was first?', 'Who was second?']])
      expect(await states(page)).toEqual(['running', 'running'])
    }
    const boxes = await ada.page
      .locator('.exchange')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top))
    expect(boxes[0]).toBe(boxes[1])
    expect((await exchanges(ada.page)).map(({ who }) => who)).toEqual(['Adayou', 'Grace'])
    expect((await exchanges(grace.page)).map(({ who }) => who)).toEqual(['Ada', 'Graceyou'])

    for (const model of ['second', 'first']) (await upstream.called(model)).release()
    for (const { page } of [ada, grace]) {
      await eventually(() => states(page)).toEqual(['done', 'done'])
      expect(await answersIn(page)).toEqual(whole)
      expect(await page.locator('#readers').textContent()).toBe('2')
    }
    // Whoever comes later, and whoever loads the page anew, sees the same.
    await ada.page.reload()
    await waitForState(ada.page, 'live')
    const late = await visit('/demo/chat-tool?room=two')
    await join(late.page, 'Edsger')
    for (const { page } of [ada, late]) {
      expect(await answersIn(page)).toEqual(whole)
      expect(await rows(page)).toEqual([['Who was first?', 'Who was second?']])
    }
    expect((await exchanges(ada.page)).map(({ who }) => who)).toEqual(['Adayou', 'Grace'])
    expect(upstream.callsOf('first').length + upstream.callsOf('second').length).toBe(2)
  })

  it('shows a late joiner the beginning of an answer, and follows it from there', async () => {
    const script = [
      play.stream(),
      play.said('The beginning, '),
      play.hold(),
      play.said('and the end.'),
      play.finished(),
      play.done(),
      play.fin(),
    ]
    upstream.play('held', script)
    const ada = await visit('/demo/chat-tool?room=late')
    await join(ada.page, 'Ada')
    await choose(ada.page, 'held')
    await ask(ada.page, 'Go on?')
    await eventually(() => answersIn(ada.page)).toEqual(['The beginning, '])
    const late = await visit('/demo/chat-tool?room=late')
    await join(late.page, 'Edsger')
    // What grows is drawn shortly after it came.
    await eventually(() => exchanges(late.page)).toMatchObject([
      { who: 'Ada', question: 'Go on?', answer: 'The beginning, ', state: 'running' },
    ])
    await late.page.reload()
    await waitForState(late.page, 'live')
    ;(await upstream.called('held')).release()
    for (const { page } of [ada, late]) {
      await eventually(() => answersIn(page)).toEqual(['The beginning, and the end.'])
      await eventually(() => states(page)).toEqual(['done'])
    }
  })

  it('starts a new row for what is asked when everything is answered', async () => {
    const { page } = await visit('/demo/chat-tool?room=rows')
    await join(page, 'Ada')
    const id = await send(url(), 'rows', { model: 'offline?pace=0', messages: [{ role: 'user', content: 'One?' }] })
    await eventually(() => states(page)).toEqual(['done'])
    await send(url(), 'rows', { model: 'offline?pace=0', messages: [{ role: 'user', name: 'Grace', content: 'Two?' }] })
    await eventually(() => states(page)).toEqual(['done', 'done'])
    expect(await rows(page)).toEqual([['One?'], ['Two?']])
    expect((await exchanges(page)).map(({ who }) => who)).toEqual(['question', 'Grace'])
    expect(await page.locator('.exchange').first().getAttribute('data-id')).toBe(id)
  })

  it('sends along what was asked and answered before', async () => {
    upstream.play('many', play.answer('Both.'))
    const { page } = await visit('/demo/chat-tool?room=along')
    await join(page, 'Ada <Lovelace>')
    await choose(page, 'many')
    for (const question of ['Tea?', 'Or coffee?']) {
      await ask(page, question)
      await eventually(async () => (await exchanges(page)).at(-1)).toMatchObject({
        question,
        answer: 'Both.',
        state: 'done',
      })
    }
    expect(upstream.callsOf('many').at(-1)?.body.messages).toMatchObject([
      { role: 'user', content: 'Tea?' },
      { role: 'assistant', content: 'Both.' },
      // Models take no such names; people do.
      { role: 'user', name: 'Ada_Lovelace_', content: 'Or coffee?' },
    ])
    expect((await exchanges(page)).map(({ who }) => who)).toEqual(['Ada <Lovelace>you', 'Ada <Lovelace>you'])
  })

  it('says below each question how it failed, and goes on with the others', async () => {
    const { page } = await visit('/demo/chat-tool?room=failing')
    await join(page, 'Ada')
    const failing = (how: string) => ({ model: `offline?pace=0&${how}`, messages: [{ role: 'user', content: how }] })
    for (const how of ['fail=reset&after=3', 'fail=refused', 'fail=error&after=1', 'tokens=3'])
      await send(url(), 'failing', failing(how))
    await eventually(() => states(page)).toEqual(['failed', 'failed', 'failed', 'done'])
    expect((await exchanges(page)).map(({ answer, fate }) => [answer, fate])).toEqual([
      ['I am the', 'broke off: the connection to the model broke off'],
      ['', 'no answer: the model could not be reached'],
      ['I', 'broke off: the model has failed'],
      ['I am the', ''],
    ])
    await page.reload()
    await waitForState(page, 'live')
    expect(await states(page)).toEqual(['failed', 'failed', 'failed', 'done'])
  })

  it('shows what is said in the room by others, in whatever form', async () => {
    const { page } = await visit('/demo/chat-tool?room=others')
    await join(page, 'Ada')
    await publish(url(), 'others', { event: 'chat', data: { from: 'Grace', text: 'I only say this.' } })
    await publish(url(), 'others', { data: 'plain' })
    await publish(url(), 'others', { event: 'question', data: { id: 7, content: ['no text'] } })
    await publish(url(), 'others', { event: 'delta', data: 'no piece' })
    await eventually(() => texts(page)).toEqual([
      'I only say this.',
      'plain',
      '{"id":7,"content":["no text"]}',
      'no piece',
    ])
    expect(await exchanges(page)).toEqual([])
  })

  it('resumes where the switch cut it: each piece once, with a seam in the answer and a mark below it', async () => {
    const parts = awkwardParts(120)
    upstream.play('many', slowAnswer(parts, 20))
    const { page } = await visit('/demo/chat-tool?room=cut')
    await join(page, 'Ada')
    await choose(page, 'many')
    await ask(page, 'Say it all')
    await eventually(async () => (await answersIn(page))[0]?.length).toBeGreaterThan(20)
    await page.click('#connection')
    await waitForState(page, 'cut')
    expect(await marks(page)).toEqual(['you are away'])
    const before = (await answersIn(page))[0] ?? ''
    await page.click('#connection')
    await waitForState(page, 'live')
    await eventually(() => states(page)).toEqual(['done'])
    expect((await answersIn(page))[0]).toBe(parts.join(''))
    expect(before.length).toBeLessThan(parts.join('').length)
    expect(await page.locator('.seam').count()).toBe(1)
    expect(await marks(page)).toEqual([
      expect.stringMatching(/^you were away · resumed at \d+-\w+ · \d+ pieces? caught up$/),
    ])
  })

  it('keeps what is asked offline, and asks it once when the network is back', async () => {
    const ada = await visit('/demo/chat-tool?room=kept', { expected: networkErrors })
    const { page } = ada
    await join(page, 'Ada')
    await choose(page, 'offline')
    await goOffline(ada.context)
    await waitForState(page, 'offline')
    await ask(page, 'From the tunnel?')
    await eventually(() => pending(page)).toEqual(['waiting: From the tunnel?'])
    await eventually(() => news(page)).toContain('your message waits here')
    await page.goto('about:blank')
    await goOnline(ada.context)
    await page.goto(`${url()}/demo/chat-tool?room=kept`)
    await eventually(() => answersIn(page)).toEqual([offlineAnswer('From the tunnel?')])
    await eventually(() => pending(page)).toEqual([])
  })

  it('sends again what had arrived without its knowing, under the same key, and it is asked once', async () => {
    const { page } = await visit('/demo/chat-tool?room=retry', { expected: networkErrors })
    await join(page, 'Ada')
    await choose(page, 'offline')
    const keys: (string | undefined)[] = []
    await page.route('**/server/send?*', async (route) => {
      keys.push(route.request().headers()['idempotency-key'])
      if (keys.length > 2) return route.fallback()
      await route.fetch()
      await route.abort()
    })
    await ask(page, 'Once?')
    await eventually(() => keys.length).toBe(3)
    await eventually(() => answersIn(page)).toEqual([offlineAnswer('Once?')])
    await eventually(() => pending(page)).toEqual([])
    expect(new Set(keys).size).toBe(1)
    expect((await exchanges(page)).map(({ who }) => who)).toEqual(['Adayou'])
  })

  it('says why a question was refused, and gives it back', async () => {
    const { page } = await visit('/demo/chat-tool?room=refused', { expected: /status of 404/ })
    await join(page, 'Ada')
    await page.route('**/server/send?*', (route) => {
      const body = { ...route.request().postDataJSON(), model: 'nobody' }
      return route.continue({ postData: JSON.stringify(body) })
    })
    await ask(page, 'Anybody?')
    await eventually(() => page.locator('.trouble').textContent()).toBe(
      'Not sent: there is no model of that name. Take it back to change it or to send it again.',
    )
    expect(await pending(page)).toEqual(['not sent: Anybody?'])
    await page.unroute('**/server/send?*')
    await page.getByRole('button', { name: 'Take back' }).press('Enter')
    expect(await page.inputValue('#text')).toBe('Anybody?')
    await choose(page, 'offline')
    await page.keyboard.press('Enter')
    await eventually(() => answersIn(page)).toEqual([offlineAnswer('Anybody?')])
  })

  it('takes the room from its address, remembers the name, and shows the lines for a terminal', async () => {
    const { page } = await visit('/demo/chat-tool')
    expect(await page.inputValue('#room')).toBe('chat')
    await page.fill('#room', 'elsewhere')
    await join(page, 'Ada')
    expect(page.url()).toBe(`${url()}/demo/chat-tool?room=elsewhere`)
    expect(await page.locator('#curl-read').textContent()).toBe(`curl -N '${url()}/server/events?room=elsewhere'`)
    const line = (await page.locator('#curl-say').textContent()) ?? ''
    await send(url(), 'elsewhere', JSON.parse(/-d '(.*)'$/.exec(line)?.[1] ?? ''))
    await eventually(() => questions(page)).toEqual(['hello'])
    await page.click('#leave')
    await page.reload()
    expect(await page.locator('#conversation').isHidden()).toBe(true)
    expect(await page.inputValue('#name')).toBe('Ada')
  })
})
