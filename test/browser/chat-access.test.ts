/** Chat and the Chat tool on a server that asks who one is. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { inSeconds, JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { answer, answers, ask, choose, come, offlineAnswer, questions } from './chat-visit.ts'
import { complaints, desktop, isTooWide, phone, screenshot } from './looks.ts'
import { told, wire } from './stream-visit.ts'
import * as tool from './tool-visit.ts'
import { eventually, networkErrors, visitors, waitForState } from './visitors.ts'

/** What the browser writes to its console of an answer that is a refusal, whatever the page makes of it. */
const refusals = /^error: Failed to load resource: the server responded with a status of (401|403|503)/
const { visit } = visitors({ EDGE_SSE_JWT_SECRET: JWT_SECRET })

async function signIn(page: Page, token: string): Promise<void> {
  await page.fill('#token', token)
  await page.click('#sign-in [type=submit]')
}

const why = (page: Page): Promise<string | null> => page.locator('#sign-in-why').textContent()
const tokenThatCan = (...can: string[]): Promise<string> => tokenOf({ claims: { rooms: undefined, can } })

describe('Chat', () => {
  it('asks for a token that lets one ask, and keeps it to itself', async () => {
    const { page } = await visit('/demo/chat', { expected: refusals })
    const seen: string[] = []
    page.on('request', (request) => seen.push(request.url()))
    await waitForState(page, 'signed-out')
    expect(await why(page)).toBe('This server asks for a token: paste one that lets you ask a model.')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('token')
    expect(await page.locator('#ask').isVisible()).toBe(false)
    expect(await page.locator('#mint').textContent()).toBe('npm run token -- --can answer --for 1h')
    await signIn(page, await tokenOf({ key: `${JWT_SECRET}!` }))
    await eventually(() => why(page)).toBe('This server does not accept that token. Paste another one.')
    await signIn(page, await tokenThatCan('publish'))
    await eventually(() => why(page)).toBe(
      'Your token does not let you ask a model: `answer` is not among what it can. Sign in with another one.',
    )
    await waitForState(page, 'refused')
    const token = await tokenThatCan('answer')
    await signIn(page, token)
    await choose(page, 'as it comes')
    await ask(page, 'May I?')
    await come(page, 20)
    await page.reload()
    await eventually(() => answer(page)).toBe(offlineAnswer('May I?'))
    expect(await page.locator('#access').textContent()).toMatch(/Signed in as ada\. Your token ends in (59|60) min\./)
    await ask(page, 'And once more?')
    await eventually(async () => (await wire(page)).join('\n')).toContain('authorization: Bearer (your token)')
    await eventually(() => answer(page)).toBe(offlineAnswer('And once more?'))
    const kept = await page.evaluate(() =>
      [location.href, JSON.stringify(localStorage), document.body.innerHTML].join('\n'),
    )
    for (const part of token.split('.').slice(1)) expect([...seen, kept].join('\n')).not.toContain(part)

    // Whoever is next at this browser finds nothing of it.
    await page.click('#sign-out')
    await waitForState(page, 'signed-out')
    expect(await questions(page)).toEqual([])
    expect(await page.evaluate(() => [JSON.stringify(localStorage), sessionStorage.length, location.hash].join())).toBe(
      '{},0,',
    )
  })

  it('goes on exactly where it stopped when the token has ended, with another one', async () => {
    const { page } = await visit('/demo/chat', { expected: refusals })
    await waitForState(page, 'signed-out')
    await signIn(page, await tokenOf({ claims: { rooms: undefined, can: ['answer'], exp: inSeconds(6) } }))
    await choose(page, 'slowly')
    await ask(page, 'How long have I got?')
    await come(page, 10)
    await waitForState(page, 'signed-out')
    expect(await why(page)).toBe('Your token has ended or is not accepted any more. Sign in again to go on.')
    await told(page, /^Signed out after \d+ tokens?\. The model goes on; the rest comes when you have signed in\.$/)
    const before = await answer(page)
    expect(before.length).toBeGreaterThan(9)
    await signIn(page, await tokenThatCan('answer'))
    await told(page, /^Lost after \d+ tokens?, and resumed there/)
    await eventually(() => answers(page)).toEqual([offlineAnswer('How long have I got?')])
    expect(await page.locator('.seam').count()).toBe(1)
  })

  it('asks once one has signed in what was asked before', async () => {
    const { page } = await visit('/demo/chat', { expected: refusals })
    await waitForState(page, 'signed-out')
    await signIn(page, await tokenOf({ claims: { rooms: undefined, can: ['answer'], exp: inSeconds(3) } }))
    await choose(page, 'as it comes')
    await page.waitForFunction(() => document.querySelector('#time-left')?.textContent?.endsWith('now.'))
    await ask(page, 'Too late?')
    await told(page, 'Your question waits here, and is asked when you have signed in.')
    await signIn(page, await tokenThatCan('answer'))
    await eventually(() => answers(page)).toEqual([offlineAnswer('Too late?')])
  })

  it.each(['light', 'dark'] as const)('is accessible while it asks for a token, in %s', async (colorScheme) => {
    const { page } = await visit('/demo/chat', { colorScheme, viewport: desktop, expected: refusals })
    await waitForState(page, 'signed-out')
    for (const [name, viewport] of [
      ['', desktop],
      ['-phone', phone],
    ] as const) {
      await page.setViewportSize(viewport)
      await screenshot(page, `chat-sign-in${name}-${colorScheme}`)
      expect(await isTooWide(page)).toBe(false)
      expect(await complaints(page)).toEqual([])
    }
    await signIn(page, await tokenThatCan('answer'))
    await page.locator('#model option').first().waitFor({ state: 'attached' })
    for (const [name, viewport] of [
      ['-phone', phone],
      ['', desktop],
    ] as const) {
      await page.setViewportSize(viewport)
      await screenshot(page, `chat-signed-in${name}-${colorScheme}`)
      expect(await isTooWide(page)).toBe(false)
      expect(await complaints(page)).toEqual([])
    }
  })
})

describe('Chat tool', () => {
  const tokenFor = (rooms: Record<string, string[]>, claims: object = {}): Promise<string> =>
    tokenOf({ claims: { rooms, ...claims } })

  async function knock(page: Page, name = 'Ada'): Promise<void> {
    await page.fill('#name', name)
    await page.click('#join [type=submit]')
    await waitForState(page, 'signed-out')
  }

  it('asks for a token with rights in its room, and then two people ask', async () => {
    const ada = await visit('/demo/chat-tool?room=talk', { expected: refusals })
    const { page } = ada
    const seen: string[] = []
    page.on('request', (request) => seen.push(new URL(request.url()).pathname))
    await knock(page)
    expect(await page.locator('#mint').textContent()).toBe(
      'npm run token -- --room talk --can subscribe,answer --for 1h',
    )
    await signIn(page, await tokenFor({ talk: ['subscribe', 'answer'] }))
    await waitForState(page, 'live')
    expect(await page.locator('#rights').textContent()).toBe('You may read and ask here.')
    // Which models there are is not for this token to ask, and so it is not asked.
    expect(await page.locator('#how').isVisible()).toBe(false)
    const grace = await visit('/demo/chat-tool?room=talk', { expected: refusals })
    await knock(grace.page, 'Grace')
    await signIn(grace.page, await tokenFor({ 'ta*': ['subscribe', 'answer'] }, { sub: 'grace', can: ['answer'] }))
    await grace.page.locator('#way').waitFor()
    await tool.ask(page, 'Hello, Grace?')
    await tool.ask(grace.page, 'Hello, Ada?')
    for (const visitor of [page, grace.page])
      await eventually(async () => (await tool.exchanges(visitor)).map(({ answer }) => answer).sort()).toEqual(
        ['Hello, Grace?', 'Hello, Ada?'].map(offlineAnswer).sort(),
      )
    expect(seen).not.toContain('/v1/models')
  })

  it('lets whoever may only read do that, and says so in place of the box', async () => {
    const { page } = await visit('/demo/chat-tool?room=quiet', { expected: refusals })
    await knock(page)
    await signIn(page, await tokenFor({ quiet: ['subscribe', 'publish'] }))
    await waitForState(page, 'live')
    expect(await page.locator('#rights').textContent()).toBe('You may read here, not ask.')
    expect(await page.locator('#speak .mute').textContent()).toBe('You may read quiet, and not ask in it.')
    expect(await page.locator('#text').isDisabled()).toBe(true)
  })

  it('lets whoever may only ask do that', async () => {
    const { page } = await visit('/demo/chat-tool?room=blind', {
      expected: new RegExp(`${refusals.source}|${networkErrors.source}`),
    })
    await knock(page)
    await signIn(page, await tokenFor({ blind: ['answer'] }))
    await waitForState(page, 'refused')
    expect(await page.locator('#rights').textContent()).toBe('You may ask here, not read.')
    await tool.ask(page, 'Into the dark?')
    await eventually(() => tool.exchanges(page)).toMatchObject([
      { question: 'Into the dark?', fate: 'no answer: your token does not let you read it' },
    ])
  })
})
