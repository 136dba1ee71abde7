import { describe, expect, it } from 'vitest'
import { Inbox } from '../../src/client/inbox.ts'

const message = (after: string, id: string) => ({ block: { id, data: id }, after, cursor: id })

const waiting = (inbox: Inbox): (string | undefined)[] => {
  const ids: (string | undefined)[] = []
  for (let heard = inbox.take(); heard; heard = inbox.take()) ids.push(heard.block.data)
  return ids
}

/** Told of these in a row, after `0`. */
function told(...ids: string[]): Inbox {
  const inbox = new Inbox()
  inbox.begin('0')
  for (const [at, id] of ids.entries()) inbox.hear(message(ids[at - 1] ?? '0', id))
  return inbox
}

describe('Inbox', () => {
  it('drops what is told again', () => {
    const inbox = told('1', '2', '3')
    for (const [after, id] of [
      ['1', '2'],
      ['2', '3'],
      ['3', '4'],
    ] as const)
      inbox.hear(message(after, id))
    expect(inbox.isBehind).toBe(false)
    expect(waiting(inbox)).toEqual(['1', '2', '3', '4'])
  })

  it('is behind a hole, and keeps what is after it', () => {
    const inbox = told('1', '2')
    inbox.hear(message('3', '4'))
    inbox.hear(message('4', '5'))
    expect(inbox.isBehind).toBe(true)
    expect(inbox.meets('2')).toBe(false)
    expect(inbox.meets('3')).toBe(true)
    expect(inbox.isBehind).toBe(false)
    expect(waiting(inbox)).toEqual(['4', '5'])
  })

  it.each([
    ['1', ['2', '3']],
    ['2', ['3']],
    ['3', []],
  ])('goes on after %s where that is where its tab is', (cursor, rest) => {
    const inbox = told('1', '2', '3')
    expect(inbox.meets(cursor)).toBe(true)
    expect(waiting(inbox)).toEqual(rest)
  })

  it('does not go on after what it was not told, nor after nothing', () => {
    const inbox = told('1', '2')
    for (const cursor of ['', '3']) expect(inbox.meets(cursor)).toBe(false)
    expect(new Inbox().meets('')).toBe(false)
    expect(waiting(inbox)).toEqual(['1', '2'])
  })

  it('loses no message that has the cursor of another', () => {
    const inbox = new Inbox()
    inbox.begin('1')
    for (const data of ['b', 'c']) inbox.hear({ block: { data }, after: '1', cursor: '1' })
    expect(inbox.meets('1')).toBe(true)
    expect(waiting(inbox)).toEqual(['b', 'c'])
  })

  it('does not take for a hole what a server says of the stream to who leads from further back', () => {
    const inbox = told('5')
    for (const event of ['stream.busy', 'stream.presence'])
      inbox.hear({ block: { event, data: '{}' }, after: '3', cursor: '3' })
    expect(inbox.isBehind).toBe(false)
    expect(waiting(inbox)).toEqual(['5'])
  })

  it('misses nothing before the first id', () => {
    const inbox = new Inbox()
    inbox.hear({ block: { data: 'a' }, after: '', cursor: '' })
    inbox.hear(message('4', '5'))
    expect(inbox.isBehind).toBe(false)
    expect(waiting(inbox)).toEqual(['a', '5'])
  })

  it('knows which of the cursors it was told is the lowest', () => {
    const inbox = told('1', '2', '3')
    expect(inbox.lowest(['3', '1', '2'])).toBe('1')
    expect(inbox.lowest(['3', '0'])).toBe('0')
    expect(inbox.lowest(['7', '3'])).toBe('3')
  })

  it('takes any cursor before none where it knows none of them', () => {
    const inbox = new Inbox()
    expect(inbox.lowest(['', '7'])).toBe('7')
    expect(inbox.lowest([''])).toBe('')
  })

  it('knows its last 2,048 cursors at least, at most twice as many, and one of many messages once', () => {
    const inbox = new Inbox()
    inbox.begin('0')
    for (let n = 1; n <= 10_000; n++) {
      inbox.hear(message(String(n - 1), String(n)))
      inbox.hear(message(String(n), String(n)))
      while (inbox.take());
    }
    const least = Array.from({ length: 2_048 }, (_, n) => String(10_000 - 2_047 + n))
    expect(inbox.known.slice(-2_048)).toEqual(least)
    expect(inbox.known.length).toBeLessThanOrEqual(4_096)
    inbox.hear(message('10000', 'x'.repeat(5_000)))
    expect(inbox.known.at(-1)).toBe('10000')
  })

  it('counts anew after a gap', () => {
    const inbox = told('5', '6')
    inbox.hear({ block: { event: 'stream.gap', id: '3', data: '{}' }, after: '6', cursor: '3' })
    for (const id of ['4', '5']) inbox.hear(message(inbox.cursor, id))
    expect(inbox.lowest(['5', '4'])).toBe('4')
    expect(waiting(inbox)).toEqual(['5', '6', '{}', '4', '5'])
  })

  it('is behind what is more than 1 MiB', () => {
    const inbox = new Inbox()
    const half = 'x'.repeat(524_288)
    inbox.hear({ block: { id: '1', data: half }, after: '0', cursor: '1' })
    expect(inbox.isBehind).toBe(false)
    inbox.hear({ block: { id: '2', data: half }, after: '1', cursor: '2' })
    expect(inbox.isBehind).toBe(true)
    inbox.hear(message('2', '3'))
    expect(inbox.meets('2')).toBe(true)
    expect(waiting(inbox)).toEqual(['3'])
  })
})
