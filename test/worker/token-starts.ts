/** What holds of each script that starts the app, with tokens: it takes those that `npm run token` gives. */
import { expect, it } from 'vitest'
import { tokenOf } from '../access/tokens.ts'
import { token } from '../script-run.ts'
import { startedScript } from './started-script.ts'

const read = async (url: string, room: string, bearer?: string): Promise<number> => {
  const headers = { accept: 'application/x-ndjson', ...(bearer && { authorization: `Bearer ${bearer}` }) }
  const answer = await fetch(`${url}/rooms/${room}/events`, { headers })
  await answer.body?.cancel()
  return answer.status
}

/** `args` are those of Node. Two that share the rooms of `.wrangler` cannot run at the same time. */
export function startsWithTokens(args: string[]): void {
  it('with EDGE_SSE_ACCESS=jwt asks for the token that npm run token gives', { timeout: 60_000 }, async () => {
    const { url, said } = await startedScript(args, { EDGE_SSE_ACCESS: 'jwt' })
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
    const { url } = await startedScript(args, { EDGE_SSE_JWT_SECRET: secret, EDGE_SSE_JWT_AUDIENCE: 'chat' })
    expect(await read(url, 'lobby')).toBe(401)
    expect(await read(url, 'lobby', await tokenOf({ key: secret }))).toBe(401)
    expect(await read(url, 'lobby', await tokenOf({ key: secret, claims: { aud: 'chat' } }))).toBe(200)
  })
}
