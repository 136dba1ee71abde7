import { describe, expect, it } from 'vitest'
import { type AccessEnvironment, guardFrom } from '../../src/access/from-environment.ts'
import { JWT_SECRET, newIssuer, tokenOf } from './tokens.ts'

const asks = (token?: string): Request =>
  new Request('http://localhost/', token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
const ask = async (env: AccessEnvironment, token?: string) =>
  guardFrom(env).access.authorize(asks(token), 'lobby', 'publish')

describe('guardFrom', () => {
  it('takes tokens of one issuer', async () => {
    const issuer = await newIssuer('ES256')
    expect(await ask({ EDGE_SSE_JWT_SECRET: JWT_SECRET }, await tokenOf())).toMatchObject({ subject: 'ada' })
    expect(await ask({ EDGE_SSE_JWT_KEYS: issuer.pem }, await issuer.sign())).toMatchObject({ subject: 'ada' })
    const env = { EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_JWT_ISSUER: 'me', EDGE_SSE_JWT_AUDIENCE: 'chat' }
    expect(await ask(env, await tokenOf({ claims: { iss: 'me', aud: 'chat' } }))).toMatchObject({ subject: 'ada' })
    await expect(ask(env, await tokenOf())).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('takes tokens of several', async () => {
    const issuers = [
      { issuer: 'me', secret: JWT_SECRET },
      { issuer: 'you', secret: `${JWT_SECRET}!` },
    ]
    const env = { EDGE_SSE_JWT_ISSUERS: JSON.stringify(issuers) }
    expect(await ask(env, await tokenOf({ claims: { iss: 'me' } }))).toMatchObject({ subject: '["me","ada"]' })
    await expect(ask(env, await tokenOf({ claims: { iss: 'you' } }))).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('takes a secret beside them, for servers', async () => {
    const env = { EDGE_SSE_SECRET: 'open-sesame', EDGE_SSE_JWT_SECRET: JWT_SECRET }
    expect(await ask(env, 'open-sesame')).toEqual({ subject: '' })
    expect(await ask(env, await tokenOf())).toMatchObject({ subject: 'ada' })
    await expect(ask(env, 'open')).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(ask({ ...env, EDGE_SSE_ACCESS: 'open' })).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it.each<AccessEnvironment>([
    { EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_JWKS_URL: 'https://id.example/jwks.json' },
    { EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_JWT_ISSUERS: '[]' },
    { EDGE_SSE_JWT_ISSUERS: '[]' },
    { EDGE_SSE_JWT_ISSUERS: '{' },
    { EDGE_SSE_JWT_ISSUERS: `[{"secret":"${JWT_SECRET}"}]` },
    { EDGE_SSE_JWT_ISSUERS: `[{"issuer":"a","secret":"${JWT_SECRET}"},{"issuer":"a","secret":"${JWT_SECRET}!"}]` },
    { EDGE_SSE_JWT_ISSUERS: '[{"issuer":"a","secret":["x"]}]' },
    { EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_ORIGINS: '*' },
    { EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_ORIGINS: 'https://app.example/' },
    { EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_ORIGINS: 'https://a.example null' },
    { EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_COOKIE: 'a;b' },
    { EDGE_SSE_SECRET: 'open-sesame', EDGE_SSE_COOKIE: 'session' },
    { EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_TICKET_SECRET: 'short' },
    { EDGE_SSE_JWT_SECRET: 'short' },
  ])('lets nobody in with %o', async (env) => {
    for (const token of [undefined, 'open-sesame', await tokenOf()])
      await expect(ask(env, token)).rejects.toMatchObject({ code: 'access-not-configured' })
    await expect(guardFrom(env).access.check?.()).rejects.toMatchObject({ code: 'access-not-configured' })
  })

  it('finds no mistake where nothing is set, or what is set is good', async () => {
    for (const env of [{}, { EDGE_SSE_SECRET: 'open-sesame' }, { EDGE_SSE_JWT_SECRET: JWT_SECRET }])
      await guardFrom(env).access.check?.()
    const both = { EDGE_SSE_SECRET: 'open-sesame', EDGE_SSE_JWT_KEYS: 'hello' }
    await expect(guardFrom(both).access.check?.()).rejects.toMatchObject({ code: 'access-not-configured' })
  })

  it('puts a rule of one’s own before it, which may do without it', async () => {
    const { access } = guardFrom({}, async (_request, room, _action, next) =>
      room === 'lobby' ? { subject: 'me' } : next(),
    )
    expect(await access.authorize(asks(), 'lobby', 'publish')).toEqual({ subject: 'me' })
    await expect(access.authorize(asks(), 'other', 'publish')).rejects.toMatchObject({ code: 'access-not-configured' })
  })

  it('has tickets where a secret is long enough that nobody guesses it from one', () => {
    const has = (env: AccessEnvironment): boolean => guardFrom(env).access.tickets !== undefined
    expect(has({ EDGE_SSE_SECRET: 'open-sesame' })).toBe(false)
    expect(has({ EDGE_SSE_SECRET: 'open-sesame-open-sesame-open-sesame' })).toBe(true)
    expect(has({ EDGE_SSE_JWT_SECRET: JWT_SECRET })).toBe(true)
    expect(has({ EDGE_SSE_SECRET: 'open-sesame', EDGE_SSE_TICKET_SECRET: JWT_SECRET })).toBe(true)
    expect(has({ EDGE_SSE_ACCESS: 'open' })).toBe(true)
    expect(has({ EDGE_SSE_ACCESS: 'open', EDGE_SSE_SECRET: 'open-sesame' })).toBe(false)
    const jwks = { EDGE_SSE_JWKS_URL: 'https://id.example/jwks.json', EDGE_SSE_JWT_ISSUER: 'https://id.example' }
    expect(has({ EDGE_SSE_ACCESS: 'open', ...jwks })).toBe(false)
    expect(has({ EDGE_SSE_ACCESS: 'open', EDGE_SSE_JWT_ISSUERS: '[]' })).toBe(false)
  })
})
