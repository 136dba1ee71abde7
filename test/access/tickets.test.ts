import { SignJWT } from 'jose'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Tickets, ticketsFrom } from '../../src/access/tickets.ts'
import { JWT_SECRET, tokenOf } from './tokens.ts'

const tickets: Tickets = ticketsFrom(JWT_SECRET)
const invalid = { code: 'invalid-ticket' }

describe('ticketsFrom', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('gives a ticket for a room and a subject, whose stream ends when the right does', async () => {
    const until = Date.now() + 3_600_000
    const before = Date.now()
    const { ticket, expires } = await tickets.issue('lobby', { subject: 'ada', expires: until })
    expect(expires).toBeGreaterThanOrEqual(before + 30_000)
    expect(expires).toBeLessThan(Date.now() + 31_000)
    expect(await tickets.redeem(ticket, 'lobby')).toEqual({
      subject: 'ada',
      expires: until,
      ticket: { id: expect.stringMatching(/^[\w-]{36}$/), expires },
    })
    const { ticket: other } = await tickets.issue('lobby', { subject: '' })
    const { ticket: endless } = await tickets.issue('lobby', { subject: '', expires: Number.POSITIVE_INFINITY })
    for (const each of [other, endless])
      expect(await tickets.redeem(each, 'lobby')).toMatchObject({ subject: '', expires: undefined })
    expect((await tickets.redeem(other, 'lobby')).ticket?.id).not.toBe(
      (await tickets.redeem(ticket, 'lobby')).ticket?.id,
    )
  })

  it('refuses one that has expired', async () => {
    const { ticket, expires } = await tickets.issue('lobby', { subject: 'ada' })
    vi.useFakeTimers({ toFake: ['Date'], now: expires })
    await expect(tickets.redeem(ticket, 'lobby')).rejects.toMatchObject(invalid)
  })

  it('gives none that outlives the right it stands for', async () => {
    const { expires } = await tickets.issue('lobby', { subject: 'ada', expires: Date.now() + 5_000 })
    expect(expires).toBeLessThanOrEqual(Date.now() + 6_000)
  })

  it('refuses it for another room, forged, cut, or made with another secret', async () => {
    const { ticket } = await tickets.issue('lobby', { subject: 'ada' })
    for (const room of ['lobby2', 'Lobby', 'lobb', ''])
      await expect(tickets.redeem(ticket, room)).rejects.toMatchObject(invalid)
    for (const bad of ['', 'x', ticket.slice(0, -3), `${ticket}A`, ticket.replace(/^[^.]+/, 'eyJhbGciOiJub25lIn0')])
      await expect(tickets.redeem(bad, 'lobby')).rejects.toMatchObject(invalid)
    await expect(ticketsFrom(`${JWT_SECRET}!`).redeem(ticket, 'lobby')).rejects.toMatchObject(invalid)
  })

  it('takes no token for a ticket, though the same secret signs both', async () => {
    const token = await tokenOf({ claims: { room: 'lobby', jti: 'x' }, header: { typ: 'edge-sse-ticket' } })
    await expect(tickets.redeem(token, 'lobby')).rejects.toMatchObject(invalid)
    const bare = await new SignJWT({ room: 'lobby' }).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32))
    await expect(tickets.redeem(bare, 'lobby')).rejects.toMatchObject(invalid)
  })
})
