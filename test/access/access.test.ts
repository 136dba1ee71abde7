import { describe, expect, it } from 'vitest'
import type { Access } from '../../src/access/access.ts'
import { type AccessEnvironment, guardFrom } from '../../src/access/from-environment.ts'
import { openAccess } from '../../src/access/open.ts'
import { secretAccess } from '../../src/access/secret.ts'

const accessOf = (env: AccessEnvironment): Access => guardFrom(env).access
const request = (headers: Record<string, string> = {}, url = 'http://localhost:8787/'): Request =>
  new Request(url, { headers })
const authorize = async (access: Access, headers: Record<string, string> = {}): Promise<unknown> =>
  access.authorize(request(headers), 'lobby', 'publish')

describe('openAccess', () => {
  it.each(['localhost', 'LOCALHOST:8787', '127.0.0.1', '127.0.0.1:1', '[::1]', '[::1]:8787'])('admits %s', (host) => {
    expect(() => openAccess.admit?.(request({ host }))).not.toThrow()
  })

  it.each([
    'evil.example',
    'localhost.evil.example',
    'localhost@evil.example',
    '127.0.0.1.evil.example',
    '0.0.0.0',
    '',
    'localhost, evil.example',
  ])('refuses %j', (host) => {
    expect(() => openAccess.admit?.(request({ host }))).toThrow(expect.objectContaining({ code: 'misdirected-host' }))
  })

  it('looks at the URL too', () => {
    expect(() => openAccess.admit?.(request({ host: 'localhost' }, 'http://evil.example/'))).toThrow('Host')
  })
})

describe('secretAccess', () => {
  const access = secretAccess('open sesame!'.replaceAll(' ', '-'))

  it.each(['Bearer open-sesame!', 'bearer open-sesame!', 'BEARER  open-sesame! '])(
    'takes %j',
    async (authorization) => {
      expect(await authorize(access, { authorization })).toEqual({ subject: '' })
    },
  )

  it.each([
    '',
    'Bearer',
    'Bearer ',
    'Bearer open',
    'Bearer open-sesame!x',
    'Basic open-sesame!',
    'open-sesame!',
    'Bearer x open-sesame!',
    'Digest a=1, b=2',
  ])('refuses %j', async (authorization) => {
    await expect(authorize(access, { authorization })).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('takes two headers for a mistake', async () => {
    await expect(authorize(access, { authorization: 'Bearer open-sesame!, Bearer x' })).rejects.toMatchObject({
      code: 'malformed-request',
    })
  })
})

describe('guardFrom', () => {
  it.each([
    {},
    { EDGE_SSE_ACCESS: '' },
    { EDGE_SSE_ACCESS: 'OPEN' },
    { EDGE_SSE_SECRET: '' },
    { EDGE_SSE_SECRET: 'open sesame' },
    { EDGE_SSE_SECRET: 'a,b' },
  ])('lets nobody in with %j', async (env) => {
    await expect(authorize(accessOf(env))).rejects.toMatchObject({ code: 'access-not-configured' })
  })

  it('is open when asked to be, unless there is a secret', async () => {
    expect(await authorize(accessOf({ EDGE_SSE_ACCESS: 'open' }))).toEqual({ subject: '' })
    await expect(authorize(accessOf({ EDGE_SSE_ACCESS: 'open', EDGE_SSE_SECRET: 's' }))).rejects.toMatchObject({
      code: 'unauthorized',
    })
  })
})
