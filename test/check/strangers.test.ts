/** Good streams of strangers, and good ways to do things in another way: nothing is wrong with them. */
import type { RequestListener } from 'node:http'
import { describe, expect, it } from 'vitest'
import {
  blocks,
  examined,
  faults,
  GOOD_HEAD,
  lastEventId,
  notes,
  says,
  saysAll,
  serve,
  tick,
  ticker,
} from './scripted.ts'

const unjudgedAt = async (server: RequestListener, limits = {}): Promise<string[]> =>
  (await examined(await serve(server), limits)).unjudged.map(({ rule }) => rule)
const faultsAt = async (server: RequestListener, limits = {}): Promise<string[]> =>
  faults(await examined(await serve(server), limits))

describe('a good stranger', () => {
  it('that counts and beats has no fault, and no note', async () => {
    const report = await examined(await serve(ticker()))
    expect([faults(report), notes(report)]).toEqual([[], []])
    // Watched with and without gzip, cut, cut with an id that there never was, preflight.
    expect(report.requests).toBe(5)
  })

  it('without ids that ends with [DONE] has no error: clients of models stop there', async () => {
    const chunks = ['Hel', 'lo', '!'].map((text) => `data: {"choices":[{"delta":{"content":"${text}"}}]}\n\n`)
    const report = await examined(await serve(saysAll(`${chunks.join('')}data: [DONE]\n\n`)))
    expect(faults(report)).toEqual(['warning ids-absent'])
    expect(notes(report)).toEqual(['end'])
  })

  it('that ends under a name for it, and begins again for who asks again, has a warning', async () => {
    expect(await faultsAt(saysAll('data: 1\n\nevent: done\ndata: {}\n\n'))).toEqual([
      'warning ids-absent',
      'warning end',
    ])
  })

  it('whose answer differs each time has a warning where it ends', async () => {
    let n = 0
    const server: RequestListener = (request, response) => saysAll(`data: ${++n}\n\n`)(request, response)
    expect(await faultsAt(server)).toEqual(['warning ids-absent', 'warning end'])
  })

  it('that says 204 after its end, and resumes before it, has no fault', async () => {
    const server: RequestListener = (request, response) => {
      const last = lastEventId(request)
      if (last === 5) return void response.writeHead(204).end()
      const isKnown = last < 5
      const rest = [1, 2, 3, 4, 5].filter((n) => !isKnown || n > last).map(tick)
      saysAll(`${isKnown ? '' : 'event: reset\ndata: {}\n\n'}${rest.join('')}`)(request, response)
    }
    expect(await faultsAt(server)).toEqual([])
  })

  it('that ends its connections, and goes on for who comes back, has no fault', async () => {
    const server: RequestListener = (request, response) => {
      const last = lastEventId(request)
      saysAll([1, 2, 3, 4].map((n) => tick(last + n)).join(''))(request, response)
    }
    expect(await faultsAt(server)).toEqual([])
  })

  it('that marks its place under another name, with the id that is there, has no fault', async () => {
    const server: RequestListener = (request, response) => {
      const last = lastEventId(request)
      const isKnown = last <= 4
      const missed = [1, 2, 3, 4].filter((n) => !isKnown || n > last).map(tick)
      says(`${isKnown ? '' : 'event: gap\ndata: {}\n\n'}${missed.join('')}event: live\ndata: {}\nid: 4\n\n`)(
        request,
        response,
      )
    }
    expect(await faultsAt(server, { enough: blocks(5) })).toEqual([])
  })

  it('that says what it no longer has is not said to skip', async () => {
    const server: RequestListener = (request, response) => {
      if (lastEventId(request) === 0) return says([1, 2, 3, 4].map(tick).join(''))(request, response)
      says(`event: reset\ndata: {}\n\n${tick(9)}`)(request, response)
    }
    const report = await examined(await serve(server), { enough: blocks(4) })
    expect([faults(report), notes(report)]).toEqual([[], ['resume']])
  })

  it('whose ids are beyond ASCII gets them back as UTF-8, and is warned of them', async () => {
    const server: RequestListener = (request, response) => {
      const last = Buffer.from(String(request.headers['last-event-id'] ?? 'ü0'), 'latin1').toString('utf8')
      const n = last.startsWith('ü') ? Number(last.slice(1)) : 0
      const gap = n > 4 || !last.startsWith('ü') ? 'event: gap\ndata: {}\n\n' : ''
      const missed = [1, 2, 3, 4].filter((each) => gap || each > n)
      says(`${gap}${missed.map((each) => tick(each).replace('id: ', 'id: ü')).join('')}`)(request, response)
    }
    expect(await faultsAt(server, { enough: blocks(4) })).toEqual(['warning id'])
  })

  it('whose lines end in CRLF, and which splits data into lines, has no fault', async () => {
    const block = (n: number): string => `id: ${n}\r\nevent: tick\r\ndata: one\r\ndata:  two: three\r\ndata\r\n\r\n`
    expect(await faultsAt(ticker({}, { block }))).toEqual([])
  })

  it('whose data is no JSON, or looks like fields, has no fault', async () => {
    const block = (n: number): string => `id: ${n}\ndata: event: admin, {"half\n\n`
    expect(await faultsAt(ticker({}, { block }))).toEqual([])
  })
})

describe('what cannot be judged', () => {
  it('is a heartbeat, where there was too little silence', async () => {
    expect(await unjudgedAt(says(tick(1)), { enough: blocks(1) })).toContain('heartbeat')
    expect(await unjudgedAt(says(`: heartbeat=15\n\n${tick(1)}`), { silence: 0, enough: blocks(2) })).toContain(
      'heartbeat',
    )
  })

  it('is no heartbeat that was there', async () => {
    const server: RequestListener = (_, response) => {
      response.writeHead(200, GOOD_HEAD).write(tick(1))
      const timer = setInterval(() => response.write(': \n\n'), 30)
      response.on('close', () => clearInterval(timer))
    }
    expect(await unjudgedAt(server)).toEqual(['resume'])
  })

  it('is coming back, where there was one event, or none', async () => {
    expect(await unjudgedAt(says(tick(1)), { enough: blocks(1) })).toContain('resume')
    expect(await unjudgedAt(says(': hello\n\n'), { enough: blocks(1) })).toContain('ids-absent')
  })

  it('is coming back with an id that no header can hold', async () => {
    const report = await examined(await serve(saysAll('id: \x07a\ndata: 1\n\nid: \x07b\ndata: 2\n\n')))
    expect(faults(report)).toEqual(['warning id'])
    expect(report.unjudged.map(({ rule }) => rule)).toEqual(['resume', 'end'])
  })

  it('is coming back, where a server has enough of us', async () => {
    let asked = 0
    const server: RequestListener = (request, response) => {
      if (++asked > 2) return void response.writeHead(429).end()
      ticker()(request, response)
    }
    const report = await examined(await serve(server))
    expect(faults(report)).toEqual([])
    expect(report.unjudged.map(({ rule }) => rule)).toContain('resume')
  })

  it('is compression, where a server lets in one stream only', async () => {
    let isTaken = false
    const server: RequestListener = (request, response) => {
      if (isTaken) return void response.writeHead(429).end()
      isTaken = true
      response.on('close', () => {
        isTaken = false
      })
      ticker()(request, response)
    }
    expect(await unjudgedAt(server)).toContain('compression')
  })
})
