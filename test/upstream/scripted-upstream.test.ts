/** The scripted server itself: what tests of the relay are told by it has to be so. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RawSocket, request } from '../e2e/raw-socket.ts'
import * as play from './script.ts'
import { ScriptedUpstream } from './scripted-upstream.ts'

let upstream: ScriptedUpstream
beforeAll(async () => {
  upstream = await ScriptedUpstream.start()
})
afterAll(() => upstream.close())

const ask = (model: string, signal?: AbortSignal): Promise<Response> =>
  fetch(`${upstream.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer key' },
    body: JSON.stringify({ model }),
    ...(signal && { signal }),
  })

describe('a scripted server', () => {
  it('says what it is told to, byte for byte, and notes who asked for it', async () => {
    const script = play.answer('Grü', 'ße')
    upstream.play('whole', script)
    const response = await ask('whole')
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8' })
    const chunks = [play.chunkOf({ content: 'Grü' }), play.chunkOf({ content: 'ße' }), play.chunkOf({}, 'stop')]
    expect(await response.text()).toBe([...chunks, '[DONE]'].map(play.blockOf).join(''))
    expect([play.textOf(script), play.partsOf(script)]).toEqual(['Grüße', ['Grü', 'ße']])
    const call = await upstream.called('whole')
    expect([call.path, call.headers.get('authorization'), call.body]).toEqual([
      '/v1/chat/completions',
      'Bearer key',
      { model: 'whole' },
    ])
    expect(await call.closed).toBe('fin')
    expect(upstream.callsOf('whole')).toHaveLength(1)
  })

  it('waits where it is held, and writes what is no character yet', async () => {
    const duck = Buffer.from('🦆')
    upstream.play('held', [
      play.stream(),
      play.raw(duck.subarray(0, 1)),
      play.hold(),
      play.raw(duck.subarray(1)),
      play.fin(),
    ])
    const body = (await ask('held')).body?.getReader()
    expect(Buffer.from((await body?.read())?.value ?? [])).toEqual(duck.subarray(0, 1))
    const call = await upstream.called('held')
    expect(call.isOpen).toBe(true)
    call.release()
    expect(Buffer.from((await body?.read())?.value ?? [])).toEqual(duck.subarray(1))
    expect((await body?.read())?.done).toBe(true)
  })

  it.each(['reset', 'fin'] as const)(
    'tells that it was left by a %s, also while it writes without end',
    async (how) => {
      for (const script of [[play.stall()], [play.stream(), play.endless('x'.repeat(65_536))]]) {
        upstream.play(`left-${how}`, script)
        const socket = await RawSocket.open(upstream.port)
        socket.write(request('POST', '/v1/chat/completions', {}, JSON.stringify({ model: `left-${how}` })))
        const call = await upstream.called(`left-${how}`, upstream.callsOf(`left-${how}`).length + 1)
        expect(call.isOpen).toBe(true)
        socket.cut(how)
        // What was not read when a socket is closed makes a reset of it.
        expect([how, 'reset']).toContain(await call.closed)
        expect(call.isOpen).toBe(false)
      }
    },
  )

  it('resets, breaks off and redirects', async () => {
    upstream.play('reset', [play.reset()])
    await expect(ask('reset')).rejects.toThrow()
    expect(await (await upstream.called('reset')).closed).toBe('ours')
    upstream.play('broken', [play.stream(), play.raw('half'), play.brokenOff()])
    await expect(ask('broken').then((response) => response.text())).rejects.toThrow()
    upstream.play('moved', [play.head(302, { location: `${upstream.baseUrl}/elsewhere` }), play.fin()])
    await (await ask('moved')).text()
    expect(upstream.calls.at(-1)?.path).toBe('/v1/elsewhere')
  })

  it('tells that an aborted fetch has closed its socket', async () => {
    upstream.play('aborted', [play.stream(), play.said('one'), play.stall()])
    const leave = new AbortController()
    const response = await ask('aborted', leave.signal)
    await response.body?.getReader().read()
    leave.abort()
    expect(['fin', 'reset']).toContain(await (await upstream.called('aborted')).closed)
  })
})
