/** A page that is loaded anew, or whose connection is cut, in the middle of an answer: all of it comes, and the model is asked once. */
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { type CuttingNetwork, cuttingNetwork } from '../e2e/cutting-network.ts'
import { done, fin, finished, hold, type Script, said, stream, textOf } from '../upstream/script.ts'
import { answer, ask, come, keysOf, questions } from './chat-visit.ts'
import { awkwardParts, randomMoments, scriptedModels, slowAnswer } from './scripted-models.ts'
import { story, told } from './stream-visit.ts'
import { eventually, networkErrors, patience, visitors } from './visitors.ts'

const { upstream, vars } = await scriptedModels('reloaded', 'unheard', 'cut', 'native', 'keyless')
const { visit, port } = visitors(vars)

const parts = awkwardParts(240)

it('shows all of it after ten reloads at random moments', { timeout: 120_000 }, async () => {
  let said = 0
  const script = slowAnswer(parts, 40, (count) => (said = count))
  upstream.play('reloaded', script)
  const { page } = await visit('/demo/chat')
  await page.selectOption('#model', { label: 'reloaded' })
  await ask(page, 'Say it all')
  for (const moment of randomMoments(10, parts.length - 40)) {
    await expect.poll(() => said, { timeout: patience, interval: 1 }).toBeGreaterThanOrEqual(moment)
    await page.reload()
  }
  await come(page, 1)
  await told(page, `Complete: ${parts.length} tokens.`)
  expect(await answer(page)).toBe(textOf(script))
  expect(await questions(page)).toEqual(['Say it all'])
  expect(upstream.callsOf('reloaded').length).toBe(1)
  // Nor is it afterwards.
  await page.reload()
  await eventually(() => answer(page)).toBe(textOf(script))
  expect(upstream.callsOf('reloaded').length).toBe(1)
})

it('asks once although it was loaded anew before anybody had answered', async () => {
  const script = slowAnswer(parts.slice(0, 20), 40)
  upstream.play('unheard', script)
  const { page } = await visit('/demo/chat', { expected: networkErrors })
  const keys = keysOf(page)
  await page.selectOption('#model', { label: 'unheard' })
  // It arrives, and its answer does not.
  await page.route('**/chat/stream', (route) => void route.fetch().catch(() => undefined), { times: 1 })
  await ask(page, 'Do you hear me?')
  await upstream.called('unheard')
  await page.reload()
  await told(page, 'Complete: 20 tokens.')
  expect(await answer(page)).toBe(textOf(script))
  expect(keys.length).toBeGreaterThan(1)
  expect(new Set(keys).size).toBe(1)
  expect(upstream.callsOf('unheard').length).toBe(1)
})

/** Cut after random numbers of bytes, each time a little further. */
async function cutting(path: string, how: 'fin' | 'reset', seed?: number): Promise<CuttingNetwork> {
  const bytes = randomMoments(5, 4_000, seed).map((one) => 200 + one)
  const network = await cuttingNetwork(port(), path, bytes, how, ['GET', 'POST'])
  onTestFinished(() => network.close())
  return network
}

it.each([
  ['fin', undefined],
  ['reset', undefined],
  // Between the head and the first id, where Chromium takes it for the end.
  ['fin', 1_697_393_870],
] as const)(
  'resumes after each of five connections that were cut (%s, seed %s)',
  { timeout: 120_000 },
  async (how, seed) => {
    const script = slowAnswer(parts, 25)
    upstream.play('cut', script)
    const before = upstream.callsOf('cut').length
    const network = await cutting('/chat/', how, seed)
    const { page } = await visit('/demo/chat', { at: network.url, expected: networkErrors })
    await page.selectOption('#model', { label: 'cut' })
    await ask(page, 'Say it all')
    // Connections that bring nothing are waited for longer each time.
    const complete = `Complete: ${parts.length} tokens.`
    await expect.poll(() => story(page), { timeout: 110_000, interval: 50 }).toBe(complete)
    expect(await answer(page)).toBe(textOf(script))
    expect(network.asked.length).toBeGreaterThan(4)
    // What is cut before its first word leaves no seam.
    expect(await page.locator('.seam').count()).toBeGreaterThan(0)
    expect(upstream.callsOf('cut').length - before).toBe(1)
  },
)

interface Seen {
  text: string
  errors: number
  isDone: boolean
  /** What it had when it was cut for the first time. */
  atFirst?: string
}
type Reader = { seen: Seen; source: EventSource }
/** A page with an `EventSource` of its own, which never closes it. */
function readNatively(page: Page, path: string): Promise<void> {
  return page.evaluate((path) => {
    const seen: Seen = { text: '', errors: 0, isDone: false }
    const source = new EventSource(path)
    Object.assign(globalThis, { seen, source })
    source.onerror = () => {
      seen.errors++
      seen.atFirst ??= seen.text
    }
    source.onmessage = ({ data }) => {
      if (data === '[DONE]') seen.isDone = true
      else seen.text += JSON.parse(data).choices[0].delta.content ?? ''
    }
  }, path)
}
const seenBy = (page: Page): Promise<Seen> => page.evaluate(() => (globalThis as unknown as Reader).seen)
const stateOf = (page: Page): Promise<number> =>
  page.evaluate(() => (globalThis as unknown as Reader).source.readyState)

it('a native EventSource comes back by itself and has all of it, and comes no more at the end', {
  timeout: 120_000,
}, async () => {
  const script = slowAnswer(parts, 50)
  upstream.play('native', script)
  const network = await cutting('/chat/stream', 'reset')
  const { page } = await visit('/healthz', { at: network.url, expected: networkErrors })
  await readNatively(page, '/chat/stream?message=Say+it+all&model=native&key=once')
  await expect.poll(async () => (await seenBy(page)).isDone, { timeout: 90_000, interval: 100 }).toBe(true)
  expect((await seenBy(page)).text).toBe(textOf(script))
  // It comes back once more, is told that there is nothing, and stays away.
  await eventually(() => stateOf(page)).toBe(2)
  expect(network.asked.length).toBeGreaterThan(5)
  // Chromium asks again without a word where a connection that it had kept was reset before any answer.
  expect((await seenBy(page)).errors).toBeLessThanOrEqual(network.asked.length)
  // Where the first was cut before its first id, the key says that it is the same question.
  expect(network.asked.at(-1)).toMatch(/last-event-id: [\da-f]{32}~/i)
  expect(upstream.callsOf('native').length).toBe(1)
})

it('a native EventSource without a key goes on where it was cut after the first chunk, and asks once', async () => {
  const script: Script = [stream(), said('one '), hold(), said('two'), finished(), done(), fin()]
  upstream.play('keyless', script)
  // As far as the end of the id that follows the first chunk.
  const network = await cuttingNetwork(port(), '/chat/stream', [/~1-\w{6}\n\n/], 'fin')
  onTestFinished(() => network.close())
  const { page } = await visit('/healthz', { at: network.url, expected: networkErrors })
  await readNatively(page, '/chat/stream?message=Say+it+all&model=keyless')
  await eventually(async () => (await seenBy(page)).atFirst).toBe('one ')
  await expect.poll(() => network.asked.length, { timeout: patience, interval: 10 }).toBe(2)
  ;(await upstream.called('keyless')).release()
  await eventually(async () => (await seenBy(page)).isDone).toBe(true)
  expect((await seenBy(page)).text).toBe('one two')
  expect(network.asked[0]).not.toMatch(/last-event-id/i)
  expect(network.asked[1]).toMatch(/last-event-id: [\da-f]{32}~1-\w{6}\r\n/i)
  expect(upstream.callsOf('keyless').length).toBe(1)
})
