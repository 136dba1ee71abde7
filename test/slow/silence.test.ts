/** Bun cuts a connection that is silent for 10 s. A stream is not: by our server, nor by one that knows nothing of it. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { command } from '../../scripts/runtimes.ts'
import { EventReader } from '../e2e/event-reader.ts'
import { RawSocket, request } from '../e2e/raw-socket.ts'
import { launchHandler } from '../runtimes/process.ts'
import { freePort, serveProcess } from '../serve-process.ts'
import { progress } from './progress.ts'
import { until } from './until.ts'

/** Milliseconds: more than the 12 s after which Bun has been seen to cut, less than our readers wait. */
const SILENCE = 15_000

describe('a stream on Bun that is silent for 15 s', () => {
  it('stays open where its handler is a program of its own, without a single beat', async () => {
    const server = await launchHandler('bun', 'test/e2e/probe.ts')
    onTestFinished(() => server.close())
    const events = await EventReader.open(server.port, '/idle?name=silent&heartbeat=600000')
    const text = await RawSocket.open(server.port)
    text.write(request('POST', '/text?name=text', { 'Transfer-Encoding': 'chunked' }))
    text.write('3\r\none\r\n')
    const body = text.body(await text.head())
    expect(String((await body.next()).value)).toBe('one')
    const began = performance.now()
    await until('the silence to have lasted', () => performance.now() - began > SILENCE)
    expect([events.ended, events.comments.length]).toEqual([undefined, 1])
    text.write('3\r\ntwo\r\n')
    expect(String((await body.next()).value)).toBe('two')
    progress('an event stream and plain text went on')
  })

  it('stays open by its beat where a server hands its handler nothing but the request', async () => {
    const port = await freePort()
    const server = await serveProcess({
      command: [...command('bun', 'test/slow/silent-bun.ts'), String(port)],
      port,
      ready: 1,
    })
    onTestFinished(() => server.kill())
    const reader = await EventReader.open(port, '/')
    await until('what comes after the silence', () => reader.events.length >= 2 || reader.ended !== undefined)
    expect(reader.events.slice(0, 2).map(({ data }) => data)).toEqual(['before', 'after'])
    progress(`${reader.comments.length - 1} beats kept it open`)
  })
})
