/** Words that would be programs, in Chat and in the Chat tool: as a person types them, and as a model or a server says them. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { answers, fates, questions } from './chat-visit.ts'
import { publish, texts } from './room-visit.ts'
import { oneLine, payloads, printable, together } from './scripting-payloads.ts'
import { enter, openWatched, publishAll, put, remember, soon, sourceOf } from './scripting-visit.ts'
import { strays } from './scripting-watch.ts'
import { told, wire } from './stream-visit.ts'
import { exchanges } from './tool-visit.ts'
import { visitors, waitForState } from './visitors.ts'

const all = visitors()
const { url } = all

const id = 'f'.repeat(32)
const chunk = (delta: object): object => ({ choices: [{ index: 0, delta, finish_reason: null }] })
/** Blocks of an event stream, of data in any form. */
const stream = (...data: unknown[]): string =>
  data.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join('')

/** Answers the next questions with this. */
async function answering(
  page: Page,
  answer: { status?: number; body: string; headers?: Record<string, string> },
): Promise<void> {
  await page.unroute('**/chat/stream')
  const headers = { 'content-type': 'text/event-stream', 'edge-sse-stream': id, ...answer.headers }
  await page.route('**/chat/stream', (route) => route.fulfill({ ...answer, headers }))
}

describe('Chat', () => {
  const source = sourceOf('chat')

  it('shows what is asked, answered and thought', async () => {
    const { page } = await openWatched(all, '/demo/chat')
    for (const words of payloads) {
      await answering(page, { body: stream(chunk({ reasoning_content: words }), chunk({ content: words }), '[DONE]') })
      await enter(page, '#text', words)
      await told(page, 'Complete: 2 tokens.')
      expect((await answers(page)).at(-1)).toBe(words)
      expect((await questions(page)).at(-1)).toBe(words)
      expect(await page.locator('.thought-text').last().textContent()).toBe(words)
      if (words === payloads[0]) await page.click('#anew')
    }
    expect(await strays(page, { source })).toEqual([])
    // What it keeps, it shows as well.
    await page.reload()
    await soon(async () => (await answers(page)).at(-1)).toBe(payloads.at(-1))
    expect(await answers(page)).toEqual(payloads.slice(1))
    expect(await strays(page, { source })).toEqual([])
  })

  it('shows why an answer failed, or was not asked, and what a stream says else', async () => {
    const { page } = await openWatched(all, '/demo/chat')
    for (const [index, words] of payloads.entries()) {
      const error = { error: { code: words, message: words } }
      const refusal = { status: 400, body: JSON.stringify({ type: `/problems/${words}`, detail: words }) }
      const odd = [
        words,
        { choices: words },
        { choices: [words, null] },
        chunk({ content: [words], reasoning: { words } }),
      ]
      // A line break would end the field: then it is another one, and no less a stranger's.
      await answering(page, index % 2 ? refusal : { body: stream(...odd, chunk({ refusal: words }), error) })
      await enter(page, '#text', 'Well?')
      await soon(async () => (await fates(page)).at(-1)).toBe(
        index % 2 ? `not asked: ${words}` : `broke off after 1 token: ${words}`,
      )
      expect(await page.locator('#story').textContent()).toContain(words)
    }
    expect((await wire(page)).length).toBeGreaterThan(5)
    expect(await strays(page, { source })).toEqual([])
  })

  it('offers models of any name, and asks the one that was chosen', async () => {
    const { page } = await openWatched(all, '/healthz')
    const models = JSON.stringify({ data: payloads.map((words) => ({ id: words })) })
    await page.route('**/v1/models', (route) => route.fulfill({ contentType: 'application/json', body: models }))
    await page.goto(`${url()}/demo/chat`)
    await soon(() => page.locator('#model option').allTextContents()).toEqual(payloads)
    const asked: unknown[] = []
    await page.route('**/chat/stream', (route) => {
      asked.push(route.request().postDataJSON().model)
      return route.fulfill({ status: 404, body: '{}' })
    })
    for (const index of payloads.keys()) {
      await page.locator('#model').evaluate((select: HTMLSelectElement, at) => (select.selectedIndex = at), index)
      await enter(page, '#text', 'Who?')
      await soon(async () => (await fates(page)).length).toBe(index + 1)
      await told(page, /^It was not asked/)
      await soon(() => page.locator('#run').textContent()).toBe('Ask')
    }
    expect(asked).toEqual(payloads)
    expect(await page.locator('.turn-model').allTextContents()).toEqual(payloads)
    expect(await strays(page, { source })).toEqual([])

    for (const body of [together, 'null', '7', '{"data":7}', '{"data":[null]}', '{}']) {
      await page.unroute('**/v1/models')
      await page.route('**/v1/models', (route) => route.fulfill({ contentType: 'application/json', body }))
      await page.reload()
      await soon(() => wire(page)).toContain(body.split('\n').at(-1))
      expect(await page.locator('#model option').count()).toBe(0)
    }
    expect(await strays(page, { source })).toEqual([])
  })

  it('starts whatever stands in the storage, and shows what is a turn', async () => {
    const { page } = await openWatched(all, '/healthz')
    const turns = payloads.map((words) => ({
      key: words,
      question: words,
      model: words,
      state: 'failed',
      why: words,
      text: words,
    }))
    const odd = [
      null,
      7,
      together,
      {},
      { key: 7 },
      { key: 'a', state: together },
      { key: 'b', state: 'done', text: { words: together } },
    ]
    for (const [index, kept] of [turns, odd, together, 7, { length: 7 }].entries()) {
      const text = kept === together ? together : JSON.stringify(kept)
      await remember(page, { local: { 'chat:mine': text, chats: text } }, `${url()}/demo/chat?${index}#chat=mine`)
      await page.locator('#model option').first().waitFor({ state: 'attached' })
      expect(await strays(page, { source })).toEqual([])
      if (index > 0) continue
      expect(await questions(page)).toEqual(payloads)
      expect(await answers(page)).toEqual(payloads)
      expect(await fates(page)).toEqual(payloads.map((words) => `no answer: ${words}`))
    }
  })
})

describe('Chat tool', () => {
  const source = sourceOf('chat-tool')

  async function inside(room: string): Promise<Page> {
    const { page } = await openWatched(all, `/demo/chat-tool?room=${room}`)
    await enter(page, '#name', 'Ada')
    await waitForState(page, 'live')
    return page
  }

  it('shows names and questions that visitors type, and the answers', async () => {
    const page = await inside('typed')
    await page.locator('#way').waitFor()
    await page.route('**/server/send?*', (route) => {
      const body = { ...route.request().postDataJSON(), model: 'offline?pace=0&tokens=3' }
      return route.continue({ postData: JSON.stringify(body) })
    })
    for (const [index, words] of payloads.entries()) {
      await page.click('#leave')
      await enter(page, '#name', words)
      await enter(page, '#text', words)
      await soon(async () => (await exchanges(page)).filter(({ state }) => state === 'done').length).toBe(index + 1)
      expect((await exchanges(page)).at(-1)).toMatchObject({ question: words, answer: 'I am the' })
    }
    const names = await page.locator('.exchange .line-name').allTextContents()
    expect(names).toEqual(payloads.map((words) => oneLine(words).slice(0, 64)))
    expect(await strays(page, { source })).toEqual([])
  })

  it('shows what programs publish under the names of its events', async () => {
    const page = await inside('published')
    await publishAll(
      url(),
      'published',
      payloads.flatMap((words, index) => [
        { event: 'question', data: { id: `${index}`, role: words, name: index % 2 ? words : '', content: words } },
        { event: 'delta', data: { id: `${index}`, text: words } },
        ...(index % 3 ? [{ data: { id: `${index}`, role: 'assistant', content: words } }] : []),
        ...(index % 3 ? [] : [{ event: 'delta', data: { id: words, text: words } }]),
      ]),
    )
    for (const words of payloads)
      await publish(url(), 'published', { event: 'delta', data: { id: { words }, text: [words] } })
    await publish(url(), 'published', { data: { id: 1, role: together, content: together } })
    await soon(async () => (await texts(page)).length).toBe(payloads.length + 1)
    const shown = await exchanges(page)
    for (const [index, words] of payloads.entries()) {
      const exchange = shown.find(({ question }) => question === words)
      expect(exchange).toMatchObject({ answer: words, state: index % 3 ? 'done' : 'running' })
    }
    expect(await strays(page, { source })).toEqual([])
  })

  it('shows how answers failed, and why a question was refused', async () => {
    const { page } = await openWatched(all, '/demo/chat-tool?room=failed')
    const blocks = payloads.map((words) => {
      const error = { run: words, code: words, message: words }
      return `event: stream.error\ndata: ${JSON.stringify(error)}`
    })
    const odd = printable.map(
      (words) => `event: question\ndata: ${words}\n\nevent: delta\nid: ${words}\ndata: ${words}`,
    )
    const live = 'event: stream.live\nid: 1-aaaaaa\ndata: {}'
    const body = `retry: 3600000\n\n${[...blocks, ...odd, live].join('\n\n')}\n\n`
    await page.route('**/server/events?*', (route) => route.fulfill({ contentType: 'text/event-stream', body }))
    await enter(page, '#name', 'Ada')
    await soon(async () => (await exchanges(page)).map(({ fate }) => fate)).toEqual(
      payloads.map((words) => `no answer: ${words}`),
    )
    for (const words of payloads) {
      await page.unroute('**/server/send?*')
      await page.route('**/server/send?*', (route) =>
        route.fulfill({ status: 422, body: JSON.stringify({ detail: words }) }),
      )
      await enter(page, '#text', words)
      await soon(() => page.locator('.trouble').textContent()).toContain(`Not sent: ${words}. Take it back`)
      await page.getByRole('button', { name: 'Take back' }).click()
      expect(await page.inputValue('#text')).toBe(words)
      await put(page, '#text', '')
    }
    expect(await strays(page, { source })).toEqual([])
  })

  it('takes none of them for a room, and starts whatever stands in the storage', async () => {
    const { page } = await openWatched(all, '/healthz')
    const held = payloads.map((words) => ({
      key: words,
      room: 'kept',
      name: words,
      text: words,
      refused: words,
      body: words,
    }))
    const session = {
      name: together,
      'tool-inside': 'kept',
      'tool-mine': JSON.stringify(payloads),
      'tool-outbox': JSON.stringify(held),
    }
    await remember(page, { session }, `${url()}/demo/chat-tool?room=kept`)
    await waitForState(page, 'live')
    expect(await page.locator('#outbox .line-text').allTextContents()).toEqual(payloads)
    expect(await strays(page, { source })).toEqual([])
    for (const [index, words] of payloads.entries()) {
      if (index % 8 || words === '__proto__') continue
      const kept = {
        local: { 'tool-room': words },
        session: { 'tool-inside': words, 'tool-mine': words, 'tool-outbox': words },
      }
      await remember(page, kept, `${url()}/demo/chat-tool?${new URLSearchParams({ room: words })}`)
      expect(await page.inputValue('#room')).toBe('chat')
      expect(await page.locator('#lobby').isVisible()).toBe(true)
      expect(await strays(page, { source })).toEqual([])
    }
  })
})
