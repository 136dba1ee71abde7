import { describe, expect, it } from 'vitest'
import type { Access, Grant } from '../../src/access/access.ts'
import { type Asked, authorize } from '../../src/access/authorize.ts'
import { customAccess } from '../../src/access/custom.ts'
import { secretAccess } from '../../src/access/secret.ts'
import { ticketsFrom } from '../../src/access/tickets.ts'
import { forged } from './tokens.ts'

const tickets = ticketsFrom('a secret of tickets, of more than thirty-two characters')
const granting = (grant: Grant | false): Access => ({ authorize: () => grant, tickets })
const ask = (
  query: string,
  { access = granting({ subject: 'ada' }), ...asked }: Partial<Asked> & { access?: Access } = {},
) =>
  authorize(new Request(`http://localhost/rooms/lobby/events${query}`), access, {
    room: 'lobby',
    action: 'subscribe',
    takesTicket: true,
    ...asked,
  })

describe('authorize', () => {
  it('gives what access gives', async () => {
    expect(await ask('?from=10&lastEventId=1-abcdef')).toEqual({ subject: 'ada' })
    await expect(ask('', { access: granting(false) })).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('refuses a right that has ended', async () => {
    for (const expires of [Date.now(), 0, -1, Number.NEGATIVE_INFINITY, Number.NaN])
      await expect(ask('', { access: granting({ subject: '', expires }) })).rejects.toMatchObject({
        code: 'unauthorized',
      })
    for (const expires of [Date.now() + 60_000, Number.POSITIVE_INFINITY, undefined])
      expect(await ask('', { access: granting({ subject: '', expires }) })).toEqual({ subject: '', expires })
  })

  it.each([true, 'yes', 1, {}, { user: 'ada' }, { subject: 7 }, { subject: 'x'.repeat(513) }])(
    'lets nobody in where a rule grants %j',
    async (grant) => {
      await expect(ask('', { access: granting(grant as unknown as Grant) })).rejects.toThrow('what was granted')
    },
  )

  it.each([new Date(), '2030-01-01', null])('nor until %j', async (expires) => {
    const grant = { subject: 'ada', expires } as unknown as Grant
    await expect(ask('', { access: granting(grant) })).rejects.toThrow('what was granted')
  })

  it.each([
    ...[
      'access_token',
      'token',
      'TOKEN',
      'id_token',
      'jwt',
      'auth',
      'authorization',
      'secret',
      'api_key',
      'apikey',
    ].map((name) => `?${name}=x`),
    '?from=10&token=',
    `?lastEventId=${forged({ alg: 'HS256' })}`,
    `?x=${forged({ alg: 'HS256' }, {}, 'abc')}`,
  ])('refuses a token in the URL: %s', async (query) => {
    await expect(ask(query)).rejects.toMatchObject({ code: 'token-in-url' })
    await expect(ask(query, { access: granting(false) })).rejects.toMatchObject({ code: 'token-in-url' })
  })

  it('takes a ticket for one room and one stream alone', async () => {
    const { ticket, expires } = await tickets.issue('lobby', { subject: 'ada' })
    const nobody = granting(false)
    expect(await ask(`?ticket=${ticket}`, { access: nobody })).toMatchObject({ subject: 'ada', ticket: { expires } })
    for (const asked of [{ room: 'lobby2' }, { takesTicket: false }, { access: { ...nobody, tickets: undefined } }])
      await expect(ask(`?ticket=${ticket}`, { access: nobody, ...asked })).rejects.toMatchObject({
        code: 'invalid-ticket',
      })
    await expect(ask('?ticket=')).rejects.toMatchObject({ code: 'invalid-ticket' })
  })
})

describe('customAccess', () => {
  const request = new Request('http://localhost/', { headers: { authorization: 'Bearer open-sesame' } })
  const before = { ...secretAccess('open-sesame'), tickets }

  it('replaces what it is put before', async () => {
    const access = customAccess(
      (_, room, action) => room === 'lobby' && action === 'publish' && { subject: 'me' },
      before,
    )
    expect(await access.authorize(new Request('http://localhost/'), 'lobby', 'publish')).toEqual({ subject: 'me' })
    expect(await access.authorize(request, 'lobby', 'subscribe')).toBe(false)
    expect(access.tickets).toBe(tickets)
  })

  it('follows it', async () => {
    const access = customAccess(async (_request, room, _action, next) => room === 'lobby' && next(), before)
    expect(await access.authorize(request, 'lobby', 'publish')).toEqual({ subject: '' })
    expect(await access.authorize(request, 'other', 'publish')).toBe(false)
    await expect(access.authorize(new Request('http://localhost/'), 'lobby', 'publish')).rejects.toMatchObject({
      code: 'unauthorized',
    })
  })
})
