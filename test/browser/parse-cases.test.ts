/** Every case of parsing in Chromium: by our readers there, and by its own `EventSource`, which judges the cases themselves. */
import { buildSync } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clients } from '../parse/clients.ts'
import { everyLineEnd, someCuts } from '../parse/cuts.ts'
import type { ParseCase } from '../parse/parse-case.ts'
import { parseCases } from '../parse/parse-cases.ts'
import { readers } from '../parse/readers.ts'
import { comesBack, type Showing, showing } from '../parse/shown.ts'
import { startBrowser } from './browser.ts'
import { StreamServer } from './stream-server.ts'

/** Bytes of a stream that is sent byte by byte too. */
const SHORT = 150

/** Where Chromium departs from the specification: right after a BOM it takes LF, and CR of its own, for text. */
const departs = (parseCase: ParseCase, way: string): boolean =>
  parseCase.name === 'lines: a BOM before a blank line' && !way.startsWith('CRLF')

const server = new StreamServer()
let browser: Browser
let page: Page
const named = parseCases.map((each) => [each.name, each] as const)

beforeAll(async () => {
  const entryPoints = ['test/browser/parse-page.ts']
  const { outputFiles } = buildSync({ entryPoints, bundle: true, format: 'iife', target: 'es2022', write: false })
  await server.start()
  browser = await startBrowser()
  page = await browser.newPage()
  await page.goto(server.url)
  await page.addScriptTag({ content: outputFiles[0]?.text ?? '' })
})
afterAll(async () => {
  await browser?.close()
  server.close()
})

describe.each(Object.keys({ ...readers, ...clients }))('%s in a page', (reader) => {
  let found: Record<string, string[]> | undefined
  beforeAll(async () => {
    found = await page.evaluate((reader) => globalThis.parsePage.ours(reader), reader)
  })

  it.each(named)('%s', (name) => expect(found?.[name]).toEqual([]))
})

describe('the EventSource of the browser', () => {
  /** By case: what was sent how, and what became of it. */
  const found = new Map<ParseCase, Map<string, Showing>>(parseCases.map((each) => [each, new Map()]))

  // All at once: each comes back after its time, and so they wait together.
  beforeAll(async () => {
    const streams = parseCases.flatMap(streamsOf)
    const asked = streams.map(({ parseCase, path }) => ({ path, again: comesBack(parseCase) }))
    const messages = await page.evaluate((asked) => globalThis.parsePage.native(asked), asked)
    for (const [at, { parseCase, way, path }] of streams.entries())
      found.get(parseCase)?.set(way, { messages: messages[at] ?? [], lastEventId: server.lastEventIds.get(path) })
  })

  it.each(named)('%s', (_, each) => {
    const ways = [...(found.get(each) ?? [])]
    expect(ways.length).toBeGreaterThan(0)
    for (const [way, shown] of ways) {
      const expected = departs(each, way) ? { messages: [], lastEventId: '' } : showing(each)
      expect({ way, ...shown }).toEqual({ way, ...expected })
    }
  })
})

interface Sent {
  parseCase: ParseCase
  way: string
  path: string
}

/** With each line end, whole and, where it is short, byte by byte. */
function streamsOf(parseCase: ParseCase): Sent[] {
  return everyLineEnd(parseCase.stream, parseCase.asIs).flatMap(({ name, bytes }) =>
    [...someCuts(bytes)]
      .slice(0, bytes.length > SHORT ? 1 : 2)
      .map((cut) => ({ parseCase, way: `${name}, ${cut.name}`, path: server.add(cut.chunks) })),
  )
}
