/** A finished stream and the browser's own EventSource: it comes back once, and the source does not run again. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundleWorker } from '../bundle-worker.ts'
import { launch, type Server } from '../launch.ts'
import { startBrowser } from './browser.ts'

const WORKER = `
  import { EventStreamWriter, eventStream } from 'edge-sse'
  export class RoomObject {}
  const requests = {}, runs = {}
  const count = (counts, path) => { counts[path] = (counts[path] ?? 0) + 1 }
  export default { fetch(request) {
    const { pathname } = new URL(request.url)
    count(requests, pathname)
    if (pathname === '/source') return eventStream(request, async function* () {
      count(runs, pathname)
      yield { data: 'done' }
    }, { retry: 100 })
    if (pathname === '/writer') {
      const stream = new EventStreamWriter(request, { retry: 100 })
      return stream.run(async () => {
        count(runs, pathname)
        await stream.send({ data: 'done' })
      })
    }
    return Response.json({ requests, runs })
  } }`

let server: Server
let browser: Browser
beforeAll(async () => {
  server = await launch({}, { bundle: bundleWorker('test/output/end', 'end', WORKER) })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

it.each(['/source', '/writer'])('EventSource asks %s twice, runs it once, and stays away', async (path) => {
  const page = await browser.newPage()
  await page.goto(`${server.url}/counts`)
  const heard = await page.evaluate(
    (url) =>
      new Promise((resolve) => {
        const source = new EventSource(url)
        const messages: string[] = []
        source.onmessage = ({ data }) => messages.push(data)
        source.onerror = () => source.readyState === EventSource.CLOSED && resolve(messages)
      }),
    path,
  )
  expect(heard).toEqual(['done'])
  const { requests, runs } = (await (await fetch(`${server.url}/counts`)).json()) as Record<
    string,
    Record<string, number>
  >
  expect([requests?.[path], runs?.[path]]).toEqual([2, 1])
  await page.close()
})
