/** What a page shows of a stream is what came, however its bytes were cut. */
import { afterEach, expect, it, vi } from 'vitest'
import { byteByByte, responseOf } from '../src/testing.ts'

// A script of pages has no types.
const { wireTap } = await import(new URL('../demo/wire-tap.js', import.meta.url).href)

afterEach(() => vi.unstubAllGlobals())

it('shows each line of a stream whose characters come in halves, and hands on its bytes as they are', async () => {
  const wire = ': ü\nid: 1\ndata: 🦆 and €\n\n'
  vi.stubGlobal('fetch', async () => responseOf(byteByByte(wire)))
  const shown: unknown[] = []
  const tapped = wireTap({ show: (line: string, kind: string) => shown.push([line, kind]) }, {})
  const answer = await tapped(new Request('http://localhost/stream'))
  expect(await answer.text()).toBe(wire)
  expect(shown).toEqual([
    ['GET /stream', 'request'],
    [': ü', 'comment'],
    ['id: 1', 'id'],
    ['data: 🦆 and €', 'data'],
    ['', 'end'],
  ])
})
