import { describe, expect, it } from 'vitest'
import { startAccess, startBanner } from '../../scripts/start-access.ts'
import { guardFrom } from '../../src/access/from-environment.ts'
import { JWT_SECRET, tokenOf } from './tokens.ts'

const made = `made ${JWT_SECRET}`
const start = (env: Record<string, string>) => startAccess({ PATH: '/bin', PORT: '1', ...env }, () => made)
const MINT = 'npm run token -- --room lobby --can subscribe,publish --for 1h'

/** Whom the app lets in that is given these variables. */
const grant = async (vars: Record<string, string>, bearer?: string) =>
  guardFrom(vars).access.authorize(
    new Request('http://localhost/', bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } }),
    'lobby',
    'publish',
  )

describe('startAccess', () => {
  it.each([{}, { EDGE_SSE_ACCESS: 'open' }, { EDGE_SSE_SECRET: '' }])('is open with %o', async (env) => {
    const { vars, header } = start(env)
    expect([vars, header]).toEqual([{ EDGE_SSE_ACCESS: 'open' }, ''])
    expect(await grant(vars)).toEqual({ subject: '' })
  })

  it('asks for a secret that is set, whatever its length, and has tickets', async () => {
    const { vars, header, token } = start({ EDGE_SSE_SECRET: 'sesame', EDGE_SSE_ACCESS: 'open' })
    expect([header, token]).toEqual([' -H "authorization: Bearer $EDGE_SSE_SECRET"', undefined])
    expect(await grant(vars, 'sesame')).toEqual({ subject: '' })
    await expect(grant(vars)).rejects.toMatchObject({ code: 'unauthorized' })
    expect(guardFrom(vars).access.tickets).toBeDefined()
  })

  it('asks for tokens by the development secret with jwt, a word that the app never hears', async () => {
    const { vars, header, token } = start({ EDGE_SSE_ACCESS: 'jwt' })
    expect(vars).toEqual({ EDGE_SSE_JWT_SECRET: made, EDGE_SSE_TICKET_SECRET: expect.any(String) })
    expect([header, token]).toEqual([' -H "authorization: Bearer $TOKEN"', MINT])
    expect(await grant(vars, await tokenOf({ key: made }))).toMatchObject({ subject: 'ada' })
    await expect(grant(vars)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it.each([
    { EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_JWT_AUDIENCE: 'edge-sse', EDGE_SSE_COOKIE: 'session' },
    { EDGE_SSE_JWT_ISSUERS: JSON.stringify([{ issuer: 'me', secret: JWT_SECRET }]) },
  ])('passes on everything where tokens are configured: %o', async (env: Record<string, string>) => {
    for (const mode of [{}, { EDGE_SSE_ACCESS: 'open' }, { EDGE_SSE_ACCESS: 'jwt' }]) {
      const { vars, token } = start({ ...env, ...mode })
      expect(vars).toEqual({ ...env, EDGE_SSE_TICKET_SECRET: expect.any(String) })
      expect(token).toBe('EDGE_SSE_JWT_SECRET' in env ? MINT : undefined)
      expect(await grant(vars, await tokenOf({ claims: { iss: 'me' } }))).toMatchObject({ subject: 'ada' })
    }
  })

  it('leaves a secret for tickets as it is', () => {
    const env = { EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_TICKET_SECRET: 'x'.repeat(32) }
    expect(start(env).vars).toEqual(env)
  })

  it('refuses a mode it does not know, and the development secret on an address that others reach', () => {
    expect(() => start({ EDGE_SSE_ACCESS: 'all' })).toThrow('Cannot start: EDGE_SSE_ACCESS is "all"')
    expect(() => start({ EDGE_SSE_ACCESS: 'jwt', HOST: '0.0.0.0' })).toThrow(/^Cannot start: HOST is "0.0.0.0"/)
    expect(start({ EDGE_SSE_ACCESS: 'jwt', HOST: '0.0.0.0', EDGE_SSE_JWT_SECRET: JWT_SECRET }).vars).toBeDefined()
  })
})

describe('startBanner', () => {
  it('says how to get a token, and shows no secret', () => {
    const said = startBanner('http://localhost:8787', start({ EDGE_SSE_ACCESS: 'jwt', EDGE_SSE_SECRET: 'sesame' }))
    expect(said).toContain(`  token     ${MINT}\n`)
    expect(said).toContain('TOKEN=$(npm run -s token -- --room lobby --can subscribe,publish --for 1h)')
    expect(said).toContain('events -H "authorization: Bearer $TOKEN"\n')
    expect(said).not.toMatch(/sesame|made/)
  })
})
