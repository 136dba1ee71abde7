/** The Chat page with the model that needs no network: what one sees of an answer, and of each way in which it goes wrong. */
import { describe, expect, it } from 'vitest'
import {
  answer,
  answerId,
  answers,
  ask,
  choose,
  come,
  fates,
  keysOf,
  offlineAnswer,
  offlineTokens,
  questions,
} from './chat-visit.ts'
import { goOffline, goOnline } from './offline.ts'
import { told, wire } from './stream-visit.ts'
import { eventually, networkErrors, visitors, waitForState } from './visitors.ts'

const { visit, kill, restart } = visitors()

describe('Chat', () => {
  it('shows the answer as it comes, how fast, and all of it on the wire', async () => {
    const { page } = await visit('/demo/chat')
    await choose(page, 'as it comes')
    await ask(page, 'Hello?')
    expect(await page.inputValue('#text')).toBe('')
    await waitForState(page, 'live')
    expect(await page.locator('#run').textContent()).toBe('Stop')
    await come(page, 20)
    expect(offlineAnswer('Hello?').startsWith(await answer(page))).toBe(true)
    await told(page, `Complete: ${offlineTokens('Hello?')} tokens.`)
    await waitForState(page, 'ended')
    expect(await answers(page)).toEqual([offlineAnswer('Hello?')])
    expect(await questions(page)).toEqual(['Hello?'])
    expect(await page.locator('#first').textContent()).toMatch(/^\d+ ms$|^\d\.\d s$/)
    expect(Number(await page.locator('#rate').textContent())).toBeGreaterThan(1)
    expect(await page.locator('#tokens').textContent()).toBe(String(offlineTokens('Hello?')))
    expect(await page.locator('.seam').count()).toBe(0)

    await eventually(async () => (await wire(page)).at(-1)).toBe('complete, nothing more will come')
    const lines = await wire(page)
    expect(lines[0]).toBe('POST /chat/stream')
    expect(lines).toContain('200 OK')
    expect(lines).toContain(`edge-sse-stream: ${answerId(page)}`)
    expect(lines).toContain('data: [DONE]')
  })

  it('sends along what was said before', async () => {
    const { page } = await visit('/demo/chat')
    await choose(page, 'as it comes')
    for (const question of ['One?', 'Two?']) {
      await ask(page, question)
      await eventually(() => answer(page)).toBe(offlineAnswer(question))
      await waitForState(page, 'ended')
    }
    const body = JSON.parse((await wire(page)).find((line) => line.startsWith('{"model"')) ?? '')
    expect(body.messages).toEqual([
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: offlineAnswer('One?') },
      { role: 'user', content: 'Two?' },
    ])
    await page.reload()
    expect(await questions(page)).toEqual(['One?', 'Two?'])
    expect(await answers(page)).toEqual([offlineAnswer('One?'), offlineAnswer('Two?')])
    await told(page, `Complete: ${offlineTokens('Two?')} tokens.`)
  })

  it('is stopped from any window, by keyboard too', async () => {
    const visitor = await visit('/demo/chat')
    const { page } = visitor
    await choose(page, 'at length')
    await ask(page, 'Tell me everything')
    await come(page, 40)
    const { page: second } = await visit(new URL(page.url()).pathname + new URL(page.url()).hash, { beside: visitor })
    await come(second, 40)
    await second.focus('#run')
    await second.keyboard.press('Enter')
    for (const window of [page, second]) {
      await told(window, /^Stopped after \d+ tokens: the model has heard it/)
      expect(await window.locator('.state-text').textContent()).toBe('Stopped')
      expect((await fates(window)).at(-1)).toMatch(/^stopped after \d+ tokens$/)
    }
    expect(await answer(second)).toBe(await answer(page))
    // Which of the two is first, nobody says.
    for (const line of ['204 No Content', 'over, and not complete'])
      await eventually(() => wire(second)).toContain(line)
    await page.reload()
    expect(await answer(page)).toBe(await answer(second))
    await told(page, /^Stopped after/)
  })

  it('is followed live by a second window, which may ask on', async () => {
    const visitor = await visit('/demo/chat')
    const { page } = visitor
    await choose(page, 'as it comes')
    await ask(page, 'Who reads?')
    await come(page, 10)
    const [second] = await Promise.all([page.waitForEvent('popup'), page.click('#again')])
    await come(second, 10)
    expect(second.url()).toBe(page.url())
    expect(await questions(second)).toEqual(['Who reads?'])
    for (const window of [page, second]) await eventually(() => answer(window)).toBe(offlineAnswer('Who reads?'))
    await waitForState(second, 'ended')
    await ask(second, 'And who asks?')
    for (const window of [page, second]) {
      await eventually(() => answers(window)).toEqual(['Who reads?', 'And who asks?'].map(offlineAnswer))
      await waitForState(window, 'ended')
    }
  })

  it('shows the answer alone to another browser that has its address', async () => {
    const { page } = await visit('/demo/chat')
    await choose(page, 'as it comes')
    await ask(page, 'Who knows?')
    await come(page, 10)
    const { page: other } = await visit(new URL(page.url()).pathname + new URL(page.url()).hash)
    expect(await questions(other)).toEqual(['Asked in another browser: the question is not kept in this one.'])
    await eventually(() => answer(other)).toBe(offlineAnswer('Who knows?'))
    await told(other, `Complete: ${offlineTokens('Who knows?')} tokens.`)
  })

  it('goes on after the switch has cut it, with a seam in the text and nothing missing', async () => {
    const { page } = await visit('/demo/chat')
    await choose(page, 'as it comes')
    await ask(page, 'Where were we?')
    await come(page, 30)
    await page.click('#connection')
    await waitForState(page, 'cut')
    await told(page, /^Cut after \d+ tokens?\. The model goes on without you/)
    const before = await answer(page)
    await page.click('#connection')
    await told(
      page,
      /^Cut after \d+ tokens?, and resumed there: nothing is missing, nothing is there twice\.|^Complete/,
    )
    await eventually(() => answer(page)).toBe(offlineAnswer('Where were we?'))
    expect(await page.locator('.seam').count()).toBe(1)
    const seam = () => [...(document.querySelector('.said')?.childNodes ?? [])].map(({ textContent }) => textContent)
    expect((await page.evaluate(seam))[0]).toBe(before)
    const lines = await wire(page)
    const resumed = lines.findIndex((line) => /^GET \/chat\/[\da-f]{32}\/events$/.test(line))
    expect(lines[resumed + 1]).toMatch(/^last-event-id: [\da-f]{32}~\d+-/)
  })

  it('is stopped while it is cut', async () => {
    const { page } = await visit('/demo/chat')
    await choose(page, 'at length')
    await ask(page, 'Are you still talking?')
    await come(page, 30)
    await page.click('#connection')
    await waitForState(page, 'cut')
    const before = await answer(page)
    await page.click('#run')
    await told(page, /^Stopped after \d+ tokens: the model has heard it/)
    expect((await answer(page)).startsWith(before)).toBe(true)
    expect(await page.locator('#connection').getAttribute('aria-checked')).toBe('true')
  })

  it('shows apart what the model thinks', async () => {
    const { page } = await visit('/demo/chat')
    await choose(page, 'thinks first')
    await ask(page, 'Think!')
    await eventually(() => page.locator('.thought-text').textContent()).toBe(
      'What was asked? I look at the last message.',
    )
    await eventually(() => answer(page)).toBe(offlineAnswer('Think!'))
    await waitForState(page, 'ended')
    await page.reload()
    expect(await page.locator('.thought-text').textContent()).toBe('What was asked? I look at the last message.')
    expect(await answer(page)).toBe(offlineAnswer('Think!'))
  })

  it('says that an answer broke off, and asks once more under another key', async () => {
    const { page } = await visit('/demo/chat')
    const keys = keysOf(page)
    await choose(page, 'breaks off')
    await ask(page, 'And then?')
    await told(
      page,
      'It broke off after 14 tokens: the connection to the model broke off. What is here is only a part.',
    )
    await waitForState(page, 'failed')
    expect(offlineAnswer('And then?').startsWith(await answer(page))).toBe(true)
    expect(await fates(page)).toEqual(['broke off after 14 tokens: the connection to the model broke off'])
    await eventually(async () => (await wire(page)).at(-1)).toBe('over, and not complete')
    await page.reload()
    await told(page, /^It broke off after 14 tokens/)
    await choose(page, 'as it comes')
    await page.getByRole('button', { name: 'Ask again' }).click()
    await eventually(() => answers(page)).toEqual([offlineAnswer('And then?')])
    expect(new Set(keys).size).toBe(2)
  })

  it.each([
    ['fails', /^It broke off after 14 tokens: the model has failed\./, undefined],
    ['is too busy', /^It was not asked: the model has too much to do just now; it asks for a pause of 7 s\.$/, 429],
    ['cannot be reached', /^It was not asked: the model could not be reached\.$/, 502],
  ] as const)('says in words when the model %s', async (way, words, status) => {
    const { page } = await visit('/demo/chat', { expected: new RegExp(`status of ${status}`) })
    await choose(page, way)
    await ask(page, 'How are you?')
    await told(page, words)
    await waitForState(page, 'failed')
    expect(await page.locator('#run').textContent()).toBe('Ask')
    if (status) expect(await wire(page)).toContainEqual(expect.stringMatching(new RegExp(`^${status} `)))
  })

  it('can be stopped while the model is silent', async () => {
    const { page } = await visit('/demo/chat')
    await choose(page, 'falls silent')
    await ask(page, 'Still there?')
    await eventually(() => answer(page)).toMatch(/ always$/)
    await waitForState(page, 'live')
    await page.click('#run')
    await told(page, 'Stopped after 14 tokens: the model has heard it, and says no more.')
  })

  it('asks again by itself, once for the model, when the answer to its question is lost on the way', async () => {
    const { page } = await visit('/demo/chat', { expected: networkErrors })
    const keys = keysOf(page)
    await choose(page, 'as it comes')
    let lost = 0
    await page.route('**/chat/stream', async (route) => {
      if (++lost > 2) return route.fallback()
      await route.fetch()
      await route.abort()
    })
    await ask(page, 'Did you hear me?')
    await told(page, 'The server does not answer. Your question is asked again by itself, and only once.')
    await eventually(() => answer(page)).toBe(offlineAnswer('Did you hear me?'))
    expect(keys.length).toBe(3)
    expect(new Set(keys).size).toBe(1)
  })

  it('waits with its question for the network, over a reload too, and lets it be taken back', async () => {
    const { page, context } = await visit('/demo/chat', { expected: networkErrors })
    await choose(page, 'as it comes')
    await goOffline(context)
    await ask(page, 'Is it dark?')
    await told(page, 'You are offline. Your question waits here, and is asked when you are back.')
    await page.click('#run')
    await told(page, 'It was not asked: you did not wait for it.')
    await page.getByRole('button', { name: 'Take back' }).click()
    expect(await page.inputValue('#text')).toBe('Is it dark?')
    expect(await questions(page)).toEqual([])
    await page.keyboard.press('Enter')
    await told(page, /^You are offline/)
    await goOnline(context)
    await eventually(() => answer(page)).toBe(offlineAnswer('Is it dark?'))

    await page.route('**/chat/stream', (route) => route.abort())
    await ask(page, 'And now?')
    await told(page, /^The server does not answer/)
    await page.unroute('**/chat/stream')
    await page.reload()
    await eventually(() => answers(page)).toEqual(['Is it dark?', 'And now?'].map(offlineAnswer))
  })

  it('follows its answer through a network that breaks', async () => {
    const { page, context } = await visit('/demo/chat', { expected: networkErrors })
    await choose(page, 'slowly')
    await ask(page, 'Do you know the tunnel?')
    await come(page, 20)
    await goOffline(context)
    await waitForState(page, 'offline')
    await told(page, /^Offline after \d+ tokens?\. The model goes on; the rest comes when you are back\.$/)
    await goOnline(context)
    await told(page, /^Lost after \d+ tokens?, and resumed there/)
    await eventually(() => answer(page)).toBe(offlineAnswer('Do you know the tunnel?'))
  })

  it('says that the answer is lost when its server is', async () => {
    const { page } = await visit('/demo/chat', { expected: networkErrors })
    await choose(page, 'slowly')
    await ask(page, 'Are you well?')
    await come(page, 20)
    await kill()
    await waitForState(page, 'resuming')
    await restart()
    await told(page, /^It broke off after \d+ tokens?: the server it ran on has gone\./)
    expect(offlineAnswer('Are you well?').startsWith(await answer(page))).toBe(true)
  })

  it('says that there is no such answer', async () => {
    const { page } = await visit(`/demo/chat#answer=${'0'.repeat(32)}`, { expected: /status of 404/ })
    await told(page, 'No answer: there is no such answer here, or not any more.')
    await page.click('#anew')
    expect(new URL(page.url()).hash).toBe('')
    expect(await questions(page)).toEqual([])
    await choose(page, 'as it comes')
    await ask(page, 'Hello?')
    await eventually(() => answer(page)).toBe(offlineAnswer('Hello?'))
  })

  it('keeps no more than the last chats of this browser', async () => {
    const { page } = await visit('/demo/chat')
    await choose(page, 'breaks off')
    for (let n = 1; n <= 10; n++) {
      await ask(page, `Question ${n}`)
      await told(page, /^It broke off/)
      await page.click('#anew')
    }
    const kept = await page.evaluate(() =>
      Object.keys(localStorage).filter((name) => name.startsWith('edge-sse:chat:')),
    )
    expect(kept.length).toBe(8)
  })
})
