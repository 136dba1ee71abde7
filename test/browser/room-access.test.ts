/** The Room page on a server that asks who one is: with tokens, a secret, a cookie, and one that is busy. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { inSeconds, JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { complaints, desktop, isTooWide, phone, screenshot } from './looks.ts'
import { goOffline, goOnline } from './offline.ts'
import { ids, join, marks, news, pending, say, send, texts } from './room-visit.ts'
import { eventually, type Visitor, visitors, waitForState } from './visitors.ts'

/** What the browser writes to its console of an answer that is a refusal, whatever the page makes of it. */
const refusals = /^error: Failed to load resource: the server responded with a status of (401|403|429|503)/
const BOTH = ['subscribe', 'publish']

const tokenFor = (rooms: Record<string, string[]>, claims: Record<string, unknown> = {}): Promise<string> =>
  tokenOf({ claims: { rooms, ...claims } })

/** Goes into the room with a name, and stops where it asks for a token. */
async function knock(page: Page, name = 'Ada'): Promise<void> {
  await page.fill('#name', name)
  await page.click('#join [type=submit]')
  await waitForState(page, 'signed-out')
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.fill('#token', token)
  await page.click('#sign-in [type=submit]')
}

const said = async (page: Page, id: string): Promise<string> =>
  ((await page.locator(`#${id}`).textContent()) ?? '').replaceAll(/\s+/g, ' ').trim()
const focused = (page: Page): Promise<string | undefined> => page.evaluate(() => document.activeElement?.id)

/** Publishes as a program would. */
async function publishAs(token: string, url: string, room: string, text: string): Promise<void> {
  const answer = await fetch(`${url}/rooms/${room}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ event: 'chat', data: { from: 'Grace', text } }),
  })
  expect(answer.status).toBe(201)
}

/** Everything that leaves the page or could be read over a shoulder: addresses, console, what storage keeps for others. */
function watched({ page }: Visitor): () => Promise<string> {
  const seen: string[] = []
  page.on('request', (request) => seen.push(request.url()))
  page.on('console', (message) => seen.push(message.text()))
  return async () => {
    const kept = await page.evaluate(() => [location.href, document.cookie, JSON.stringify(localStorage)].join('\n'))
    return [...seen, kept, await page.content()].join('\n')
  }
}

/** How often the page asked to be let in. */
function knocks({ page }: Visitor): () => number {
  let count = 0
  page.on('request', (request) => {
    if (request.url().endsWith('/tickets')) count++
  })
  return () => count
}

describe('with tokens', () => {
  const { visit, url, kill, restart } = visitors({ EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_COOKIE: 'session' })

  it('asks for one, and then two people talk', async () => {
    const ada = await visit('/demo/room#room=talk', { expected: refusals })
    const everything = watched(ada)
    const { page } = ada
    await knock(page)
    expect(await said(page, 'sign-in-why')).toBe('talk asks for a token: paste yours to go in.')
    expect(await focused(page)).toBe('token')
    expect(await page.locator('#speak').isHidden()).toBe(true)
    expect(await said(page, 'mint')).toBe('npm run token -- --room talk --can subscribe,publish --for 1h')
    expect(await page.locator('#curl-read').textContent()).not.toContain('authorization')

    const token = await tokenFor({ talk: BOTH })
    await signIn(page, token)
    await waitForState(page, 'live')
    expect(await focused(page)).toBe('text')
    expect(await said(page, 'rights')).toBe('You may read and speak here.')
    expect(await said(page, 'access')).toMatch(/Signed in as ada\. Your token ends in (59|60) min\./)
    const header = ' \\\n  -H "authorization: Bearer $TOKEN"'
    expect(await page.locator('#curl-read').textContent()).toBe(`curl -N '${url()}/rooms/talk/events?from=10'${header}`)
    expect(await page.locator('#curl-say').textContent()).toContain(`curl ${url()}/rooms/talk/events${header} \\\n`)

    const grace = await visit('/demo/room#room=talk', { expected: refusals })
    await knock(grace.page, 'Grace')
    // As a terminal breaks it, and as it stands in a header.
    const other = await tokenFor({ 'ta*': BOTH }, { sub: 'grace' })
    await signIn(grace.page, ` Bearer ${other}\n`)
    await waitForState(grace.page, 'live')
    await say(page, 'Hello, Grace')
    await say(grace.page, 'Hello, Ada')
    for (const visitor of [page, grace.page])
      await eventually(() => texts(visitor)).toEqual(['Hello, Grace', 'Hello, Ada'])

    await page.click('#connection')
    await waitForState(page, 'cut')
    await say(grace.page, 'Are you there?')
    await page.click('#connection')
    await eventually(() => texts(page)).toEqual(['Hello, Grace', 'Hello, Ada', 'Are you there?'])
    for (const part of token.split('.').slice(1)) expect(await everything()).not.toContain(part)
  })

  it('says that a token is no good, forgets it, and takes another', async () => {
    const { page } = await visit('/demo/room#room=wrong', { expected: refusals })
    await knock(page)
    await signIn(page, await tokenOf({ claims: { rooms: { wrong: BOTH } }, key: `${JWT_SECRET}!` }))
    await eventually(() => said(page, 'sign-in-why')).toBe('This server does not accept that token. Paste another one.')
    expect(await focused(page)).toBe('token')
    expect(await page.inputValue('#token')).toBe('')
    expect(await page.evaluate(() => sessionStorage.getItem('edge-sse:token'))).toBe(null)
    await signIn(page, 'pâté')
    await eventually(() => said(page, 'sign-in-why')).toContain('That is no token')
    await signIn(page, await tokenFor({ wrong: BOTH }))
    await waitForState(page, 'live')
  })

  it('lets whoever may only read do that, and says so in place of the box', async () => {
    const { page } = await visit('/demo/room#room=quiet', { expected: refusals })
    await publishAs(await tokenFor({ quiet: BOTH }), url(), 'quiet', 'first')
    await knock(page)
    await signIn(page, await tokenFor({ quiet: ['subscribe'] }))
    await eventually(() => texts(page)).toEqual(['first'])
    expect(await said(page, 'rights')).toBe('You may read here, not speak.')
    expect(await page.locator('#speak .mute').textContent()).toBe('You may read quiet, and not speak in it.')
    for (const part of ['#text', '#speak [type=submit]']) expect(await page.locator(part).isDisabled()).toBe(true)
    expect(await focused(page)).toBe('history-box')
  })

  it('lets whoever may only speak do that', async () => {
    const visitor = await visit('/demo/room#room=letterbox', { expected: refusals })
    const { page } = visitor
    const asked = knocks(visitor)
    await knock(page)
    await signIn(page, await tokenFor({ letterbox: ['publish'] }))
    await waitForState(page, 'refused')
    expect(await said(page, 'rights')).toBe('You may speak here, not read.')
    expect(await said(page, 'deaf')).toContain('what others say is not shown')
    await say(page, 'into the dark')
    await eventually(() => texts(page)).toEqual(['into the dark'])
    expect(await pending(page)).toEqual([])
    expect(asked()).toBe(1)
    const reader = await tokenFor({ letterbox: ['subscribe'] })
    await page.click('#sign-out')
    await waitForState(page, 'signed-out')
    await signIn(page, reader)
    await eventually(() => texts(page)).toEqual(['into the dark'])
  })

  it('names the rooms a token is for where it is for another, and asks no more', async () => {
    const visitor = await visit('/demo/room#room=kitchen', { expected: refusals })
    const { page } = visitor
    const asked = knocks(visitor)
    await knock(page)
    await signIn(page, await tokenFor({ lobby: BOTH, 'team-*': ['subscribe'], kitchen: [], '<b>': ['publish'] }))
    await waitForState(page, 'refused')
    expect(await said(page, 'sign-in-why')).toBe(
      'Your token gives no right in kitchen. It is for: lobby (read and speak), team-* (read), <b> (speak). ' +
        'Sign in with another token, or leave and join another room.',
    )
    expect(await said(page, 'rights')).toBe('Your token is not for this room.')
    expect(await page.locator('#speak').isHidden()).toBe(true)
    expect(asked()).toBe(1)
    await page.click('#leave')
    await page.fill('#room', 'team-1')
    await join(page, 'Ada')
    expect(await said(page, 'rights')).toBe('You may read here, not speak.')
    expect(asked()).toBe(2)
  })

  it('says that a token has ended, keeps what was read, and goes on exactly there with a fresh one', async () => {
    const grace = await tokenFor({ ending: BOTH })
    const { page } = await visit('/demo/room#room=ending', { expected: refusals })
    await knock(page)
    await signIn(page, await tokenFor({ ending: BOTH }, { exp: inSeconds(6) }))
    await waitForState(page, 'live')
    await eventually(() => said(page, 'time-left')).toMatch(/^Your token ends in \d s\.$/)
    await say(page, 'before')
    await eventually(() => texts(page)).toEqual(['before'])
    await page.fill('#text', 'half a sent')

    await waitForState(page, 'signed-out')
    expect(await said(page, 'sign-in-why')).toBe('Your token has ended. Sign in again to go on.')
    expect(await focused(page)).toBe('token')
    expect(await texts(page)).toEqual(['before'])
    expect(await marks(page)).toEqual(['you are signed out'])
    expect(await page.locator('#history').isVisible()).toBe(true)
    const [last] = await ids(page)
    for (const text of ['missed 1', 'missed 2']) await publishAs(grace, url(), 'ending', text)

    const resumes = page.waitForRequest(/\/rooms\/ending\/events\?.*ticket=/)
    await signIn(page, await tokenFor({ ending: BOTH }))
    expect((await resumes).headers()['last-event-id']).toBe(last)
    await waitForState(page, 'live')
    await eventually(() => marks(page)).toEqual([`you were signed out · resumed at ${last} · 2 messages caught up`])
    expect(await page.inputValue('#text')).toBe('half a sent')
    await page.click('#speak [type=submit]')
    await eventually(() => texts(page)).toEqual(['before', 'missed 1', 'missed 2', 'half a sent'])
    expect((await ids(page)).map((id) => Number.parseInt(id, 10))).toEqual([1, 2, 3, 4])
  })

  it('sends what was said in the last moment once one has signed in again', async () => {
    const { page } = await visit('/demo/room#room=late', { expected: refusals })
    await knock(page)
    await signIn(page, await tokenFor({ late: BOTH }))
    await waitForState(page, 'live')
    let isOver = true
    await page.route('**/*', (route) => {
      const asks = route.request().method() === 'POST' && isOver
      return asks
        ? route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{}' })
        : route.fallback()
    })
    await send(page, 'wait for me')
    await waitForState(page, 'signed-out')
    expect(await said(page, 'sign-in-why')).toBe('Your token is not accepted any more. Sign in again to go on.')
    expect(await pending(page)).toEqual(['waiting: wait for me'])
    expect(await news(page)).toContain('Your message waits here: sign in to send it.')
    isOver = false
    await signIn(page, await tokenFor({ late: BOTH }))
    await eventually(() => texts(page)).toEqual(['wait for me'])
    expect(await pending(page)).toEqual([])
  })

  it('keeps one signed in over a reload of the tab, in no other, and until one signs out', async () => {
    const ada = await visit('/demo/room#room=tab', { expected: refusals })
    const { page } = ada
    await knock(page)
    const token = await tokenFor({ tab: BOTH })
    await signIn(page, token)
    await waitForState(page, 'live')
    await say(page, 'mine')
    await page.reload()
    await waitForState(page, 'live')
    await eventually(() => texts(page)).toEqual(['mine'])
    expect(await said(page, 'rights')).toBe('You may read and speak here.')
    const second = await visit('/demo/room#room=tab', { expected: refusals, beside: ada })
    await knock(second.page)

    await page.click('#sign-out')
    await waitForState(page, 'signed-out')
    expect(await said(page, 'sign-in-why')).toContain('You are signed out')
    expect(await focused(page)).toBe('token')
    expect(await texts(page)).toEqual([])
    expect(await page.locator('#access').isHidden()).toBe(true)
    expect(await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]))).not.toContain(token)
    await page.reload()
    await waitForState(page, 'signed-out')
    expect(await said(page, 'sign-in-why')).toBe('tab asks for a token: paste yours to go in.')
  })

  it('comes back by itself whatever breaks the connection, each time with a fresh ticket', async () => {
    const { page, context } = await visit('/demo/room#room=breaks', {
      expected: new RegExp(`${refusals.source}|net::ERR_`),
    })
    const asked: (string | null)[] = []
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url())
      if (pathname === '/rooms/breaks/events' && request.method() === 'GET') asked.push(searchParams.get('ticket'))
    })
    await knock(page)
    const tokenless = asked.splice(0).length
    expect(tokenless).toBe(1)
    const token = await tokenFor({ breaks: BOTH })
    await signIn(page, token)
    await waitForState(page, 'live')
    await say(page, 'one')
    await goOffline(context)
    await waitForState(page, 'offline')
    await publishAs(token, url(), 'breaks', 'two')
    await goOnline(context)
    await eventually(() => texts(page)).toEqual(['one', 'two'])
    await kill()
    await waitForState(page, 'resuming')
    await restart()
    await waitForState(page, 'live')
    await say(page, 'three')
    await eventually(() => texts(page)).toEqual(['one', 'two', 'three'])
    expect(asked.length).toBeGreaterThanOrEqual(3)
    expect(asked).not.toContain(null)
    expect(new Set(asked).size).toBe(asked.length)
  })

  it('asks for nothing where a cookie comes along', async () => {
    const { page, context } = await visit('/demo/room#room=cookie')
    await context.addCookies([{ name: 'session', value: await tokenFor({ cookie: BOTH }), url: url(), httpOnly: true }])
    await join(page, 'Ada')
    await say(page, 'without a word')
    await eventually(() => texts(page)).toEqual(['without a word'])
    for (const part of ['#access', '#sign-in']) expect(await page.locator(part).isHidden()).toBe(true)
  })

  it('says that the server is busy, and comes in by itself', async () => {
    const { page } = await visit('/demo/room#room=busy', { expected: refusals })
    await knock(page)
    const answers = [
      { status: 503, headers: { 'retry-after': '1' }, contentType: 'application/problem+json', body: '{}' },
      { status: 429, contentType: 'application/problem+json', body: '{}' },
    ]
    await page.route('**/tickets', (route) => {
      const answer = answers.shift()
      return answer ? route.fulfill(answer) : route.fallback()
    })
    await signIn(page, await tokenFor({ busy: BOTH }))
    await eventually(() => news(page)).toMatch(/^This server is busy: trying again in [12] s\.$/)
    await eventually(() => answers).toEqual([])
    await waitForState(page, 'live')
    expect(await news(page)).toBe('')
    expect(answers).toEqual([])
  })

  it.each(['light', 'dark'] as const)('is accessible in each of these states, in %s', async (colorScheme) => {
    const room = `looks-${colorScheme}`
    const { page } = await visit(`/demo/room#room=${room}`, { colorScheme, viewport: desktop, expected: refusals })
    const check = async (state: string): Promise<void> => {
      for (const [name, viewport] of Object.entries({ '': desktop, '-phone': phone })) {
        await page.setViewportSize(viewport)
        await screenshot(page, `sign-in${name}-${state}-${colorScheme}`)
        expect(await complaints(page)).toEqual([])
        expect(await isTooWide(page)).toBe(false)
      }
      // The field is on the screen also while a phone's keyboard is out.
      await page.setViewportSize({ ...phone, height: 420 })
      if (await page.locator('#token').isVisible()) {
        await page.focus('#token')
        const { y = 0, height = 0 } = (await page.locator('#token').boundingBox()) ?? {}
        expect([y > 0, y + height < 420]).toEqual([true, true])
        await screenshot(page, `sign-in-keyboard-${state}-${colorScheme}`)
      }
      await page.setViewportSize(desktop)
    }
    await knock(page)
    await check('asked')
    await signIn(page, await tokenFor({ 'team-*': BOTH, lobby: ['subscribe'] }))
    await waitForState(page, 'refused')
    await check('refused')
    await signIn(page, await tokenFor({ [room]: ['subscribe'] }))
    await waitForState(page, 'live')
    const grace = await tokenFor({ [room]: BOTH })
    for (const text of ['Morning.', 'You can read this, Ada, and say nothing.', 'I enjoy it.'])
      await publishAs(grace, url(), room, text)
    await eventually(async () => (await texts(page)).length).toBe(3)
    await check('reads')
    await page.click('#sign-out')
    await waitForState(page, 'signed-out')
    await signIn(page, await tokenFor({ [room]: BOTH }, { exp: inSeconds(5) }))
    await eventually(async () => (await texts(page)).length).toBe(3)
    await waitForState(page, 'signed-out')
    await check('ended')
    await signIn(page, await tokenFor({ [room]: BOTH }))
    await waitForState(page, 'live')
    await check('live')
  })
})

describe('with a secret', () => {
  const secret = 'a secret, as long as those that tickets are signed with'.replaceAll(/[ ,]+/g, '-')
  const { visit } = visitors({ EDGE_SSE_SECRET: secret })

  it('takes it for a token that may do everything', async () => {
    const { page } = await visit('/demo/room#room=secret', { expected: refusals })
    await knock(page)
    await signIn(page, secret)
    await waitForState(page, 'live')
    expect(await said(page, 'access')).toMatch(/^You may do everything here\. .*Sign out$/)
    await say(page, 'psst')
    await eventually(() => texts(page)).toEqual(['psst'])
  })
})

describe('open to everyone', () => {
  const { visit } = visitors()

  it('says that the server is busy, from the first, and comes in by itself', async () => {
    const { page } = await visit('/demo/room#room=crowd', { expected: refusals })
    let isBusy = true
    const busy = {
      status: 503,
      headers: { 'retry-after': '3' },
      contentType: 'application/problem+json',
      body: '{"type":"/problems/too-many-connections"}',
    }
    await page.route('**/rooms/crowd/events?*', (route) => (isBusy ? route.fulfill(busy) : route.fallback()))
    await page.fill('#name', 'Ada')
    await page.click('#join [type=submit]')
    await waitForState(page, 'busy')
    expect(await news(page)).toMatch(/^This server is busy: trying again in [3-6] s\.$/)
    isBusy = false
    await waitForState(page, 'live')
    expect(await news(page)).toBe('')
    await say(page, 'in at last')
    await eventually(() => texts(page)).toEqual(['in at last'])
    for (const part of ['#access', '#sign-in']) expect(await page.locator(part).isHidden()).toBe(true)
  })
})
