/** Chromium's own `EventSource` judges the cases of answers. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AnswerServer } from '../answer-server.ts'
import { type AnswerCase, answerCases } from '../parse/answer-cases.ts'
import { startBrowser } from './browser.ts'

/** Where Chromium departs from the specification: it refuses what says that it is not UTF-8, and is read as UTF-8. */
const DEPARTURES: Record<string, Pick<AnswerCase, 'isRead' | 'comesBack'>> = {
  'content type text/event-stream;charset=windows-1252': { isRead: false, comesBack: false },
}

const server = new AnswerServer()
let browser: Browser
let page: Page

beforeAll(async () => {
  await server.start()
  browser = await startBrowser()
  page = await browser.newPage()
  await page.goto(server.url)
})
afterAll(async () => {
  await browser?.close()
  server.close()
})

describe('the EventSource of the browser', () => {
  it.each(answerCases.map((each) => [each.name, each] as const))('%s', async (_, each) => {
    const { isRead, comesBack } = DEPARTURES[each.name] ?? each
    const path = server.add(each)
    expect(await page.evaluate(readAll, path)).toEqual(isRead ? ['a'] : [])
    const asked = each.isElsewhere ? ['', ''] : ['']
    expect(server.askedFor(path)).toEqual(comesBack ? [...asked, isRead ? '1' : ''] : asked)
  })
})

/** In the page: all messages, until it does not come back any more. */
function readAll(path: string): Promise<string[]> {
  return new Promise((resolve) => {
    const data: string[] = []
    const source = new EventSource(path)
    source.onmessage = (message) => data.push(message.data)
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) resolve(data)
    }
  })
}
