import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Action } from '../../src/access/access.ts'
import { allows } from '../../src/access/rights.ts'

const ACTIONS: Action[] = ['subscribe', 'publish', 'answer', 'admin']

describe('allows', () => {
  it.each<[pattern: string, room: string, is: boolean]>([
    ['lobby', 'lobby', true],
    ['lobby', 'lobby2', false],
    ['lobby', 'Lobby', false],
    ['team-1', 'team-10', false],
    ['team-*', 'team-10', true],
    ['team-*', 'team-', true],
    ['team-*', 'team', false],
    ['team-*', 'a-team-1', false],
    ['*', 'anything', true],
    ['*', '~job-1', false],
    ['~*', '~job-1', false],
    ['~job-1', '~job-1', false],
    ['te*m', 'team', false],
    ['*-1', 'team-1', false],
    ['t?am', 'team', false],
    ['t.am', 'team', false],
    ['a_b', 'a-b', false],
    ['__proto__', '__proto__', true],
    ['', 'lobby', false],
    ['**', 'lobby', false],
  ])('%s for %s is %s', (pattern, room, is) => {
    const rooms = JSON.parse(`{${JSON.stringify(pattern)}:["subscribe"]}`)
    expect(allows({ rooms }, room, 'subscribe')).toBe(is)
    expect(allows({ rooms }, room, 'publish')).toBe(false)
  })

  it('adds up what several patterns give', () => {
    const rooms = { 'team-1': ['publish'], 'team-*': ['subscribe'] }
    expect(ACTIONS.filter((action) => allows({ rooms }, 'team-1', action))).toEqual(['subscribe', 'publish'])
  })

  it('takes what is about no room from `can` alone', () => {
    expect(allows({ can: ['admin'] }, '', 'admin')).toBe(true)
    expect(allows({ can: ['admin'] }, 'lobby', 'admin')).toBe(false)
    expect(allows({ rooms: { '': ['admin'], '*': ['admin'] } }, '', 'admin')).toBe(false)
  })

  it.each([
    undefined,
    null,
    7,
    'lobby',
    [],
    ['lobby'],
    { lobby: null },
    { lobby: 'subscribe' },
    { lobby: { 0: 'subscribe' } },
  ])('allows nothing with rooms of the form %j', (rooms) => {
    expect(allows({ rooms, can: rooms }, 'lobby', 'subscribe')).toBe(false)
    expect(allows({ can: rooms }, '', 'subscribe')).toBe(false)
  })

  it('allows nothing with a list of rooms, whatever is at the place that has the name of one', () => {
    expect(allows({ rooms: [['subscribe'], ['subscribe']] }, '1', 'subscribe')).toBe(false)
    expect(allows({ rooms: { 1: ['subscribe'] } }, '1', 'subscribe')).toBe(true)
  })

  it('gives no room but the one that is named, or those that begin as named', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9._~*-]{0,12}$/)
    fc.assert(
      fc.property(
        name,
        name,
        fc.constantFrom(...ACTIONS),
        fc.constantFrom(...ACTIONS),
        (pattern, room, given, wanted) => {
          const rooms = JSON.parse(`{${JSON.stringify(pattern)}:["${given}"]}`)
          const fits = pattern === room || (pattern.endsWith('*') && room.startsWith(pattern.slice(0, -1)))
          expect(allows({ rooms }, room, wanted)).toBe(fits && given === wanted && room !== '' && !room.startsWith('~'))
        },
      ),
    )
  })
})
