/** What holds of each script that starts the app, with tokens: it takes those that `npm run token` gives. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, it, onTestFinished } from 'vitest'
import { tokenOf } from '../access/tokens.ts'
import { run, token } from '../script-run.ts'
import { freePort } from '../serve-process.ts'

async function started(args: string[], env: Record<string, string>): Promise<{ url: string; said: () => string }> {
  const port = await freePort()
  const state = mkdtempSync(join(tmpdir(), 'edge-sse-start-'))
  const { child, output, exited } = run(process.execPath, args, {
    env: { PORT: String(port), EDGE_SSE_DATABASE: join(state, 'rooms.db'), EDGE_SSE_DRAIN: '0', ...env },
    detached: true,
  })
  onTestFinished(async () => {
    process.kill(-(child.pid as number), 'SIGTERM')
    await exited
    rmSync(state, { recursive: true })
  })
  const said = (): string => output.join('')
  const gone = exited.then((code) => Promise.reject(new Error(`Cannot start: it ended with ${code}\n${said()}`)))
  gone.catch(() => {})
  await Promise.race([gone, expect.poll(said, { timeout: 50_000, interval: 100 }).toContain('publish   curl')])
  return { url: `http://127.0.0.1:${port}`, said }
}

const read = async (url: string, room: string, bearer?: string): Promise<number> => {
  const headers = { accept: 'application/x-ndjson', ...(bearer && { authorization: `Bearer ${bearer}` }) }
  const answer = await fetch(`${url}/rooms/${room}/events`, { headers })
  await answer.body?.cancel()
  return answer.status
}

/** `args` are those of Node. Two that share the rooms of `.wrangler` cannot run at the same time. */
export function startsWithTokens(args: string[]): void {
  it('with EDGE_SSE_ACCESS=jwt asks for the token that npm run token gives', { timeout: 60_000 }, async () => {
    const { url, said } = await started(args, { EDGE_SSE_ACCESS: 'jwt' })
    expect(said()).toContain('npm run token -- --room lobby --can subscribe,publish --for 1h')
    expect(said()).toContain('/rooms/lobby/events -H "authorization: Bearer $TOKEN"')
    const { out } = await token('--room lobby --can subscribe --for 1m')
    expect(await read(url, 'lobby')).toBe(401)
    expect(await read(url, 'lobby', out.trim())).toBe(200)
    expect(await read(url, 'other', out.trim())).toBe(403)
    expect(await read(url, 'lobby', await tokenOf())).toBe(401)
  })

  it('with tokens configured is open to nobody else, and knows the whole configuration', {
    timeout: 60_000,
  }, async () => {
    const secret = 'one of thirty-two characters, and of some more'
    const { url } = await started(args, { EDGE_SSE_JWT_SECRET: secret, EDGE_SSE_JWT_AUDIENCE: 'chat' })
    expect(await read(url, 'lobby')).toBe(401)
    expect(await read(url, 'lobby', await tokenOf({ key: secret }))).toBe(401)
    expect(await read(url, 'lobby', await tokenOf({ key: secret, claims: { aud: 'chat' } }))).toBe(200)
  })
}
