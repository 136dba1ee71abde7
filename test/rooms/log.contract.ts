/** The contract of `src/rooms/log.ts`, held against one implementation. */
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../src/rooms/frame.ts'
import type { Log, UsedKey } from '../../src/rooms/log.ts'
import type { Run } from '../../src/rooms/run.ts'

/** `open` gives a log that is new for each `name`, and the same one again for the same. */
export function logContract(open: (name: string) => Log): void {
  const newLog = (): Log => open(crypto.randomUUID())
  const frame = (first: number, last: number, tag: string): Frame => {
    const blocks = Array.from(
      { length: last - first + 1 },
      (_, n) => `data: ${first + n}\nid: ${first + n}-${tag}\n\n`,
    ).join('')
    return { first, last, tag, at: 1_000 + last, bytes: blocks.length, blocks }
  }
  const key = (name: string, last: number, at = 0): UsedKey => ({
    subject: 'ada',
    key: name,
    hash: `hash of ${name}`,
    first: last,
    last,
    tag: 'aaaaaa',
    at,
  })
  const HOUR = 3_600_000
  const filled = (): Log => {
    const log = newLog()
    for (const each of [frame(1, 1, 'aaaaaa'), frame(2, 4, 'bbbbbb'), frame(5, 5, 'cccccc')])
      log.commit({ frames: [each] })
    return log
  }

  describe('a log', () => {
    it('is absent and empty before its first commit, and reading does not change that', () => {
      const log = newLog()
      expect([...log.framesAfter(0)]).toEqual([])
      expect([log.tagAt(1), [...log.spans()], log.findKey('', 'k')]).toEqual([undefined, [], undefined])
      expect(log).toMatchObject({
        exists: false,
        closed: false,
        head: { seq: 0, tag: '-' },
        floor: { seq: 0, tag: '-' },
      })
    })

    it('gives back the frames it was given, from any place', () => {
      const log = filled()
      expect(log).toMatchObject({ exists: true, head: { seq: 5, tag: 'cccccc' }, floor: { seq: 0, tag: '-' } })
      const firsts = (after: number): number[] => [...log.framesAfter(after)].map(({ first }) => first)
      expect([0, 1, 2, 3, 4, 5, 9].map(firsts)).toEqual([[1, 2, 5], [2, 5], [2, 5], [2, 5], [5], [], []])
      expect({ ...[...log.framesAfter(0)][1] }).toEqual(frame(2, 4, 'bbbbbb'))
    })

    it('knows the tag of every seq it holds, and of no other', () => {
      const log = filled()
      expect([0, 1, 2, 3, 4, 5, 6].map((seq) => log.tagAt(seq))).toEqual([
        undefined,
        'aaaaaa',
        'bbbbbb',
        'bbbbbb',
        'bbbbbb',
        'cccccc',
        undefined,
      ])
    })

    it('tells of all frames without their text, and of their bytes', () => {
      const log = filled()
      const spans = [...log.spans()].map(({ first, last, tag, at, bytes }) => ({ first, last, tag, at, bytes }))
      expect(spans).toEqual(
        [frame(1, 1, 'aaaaaa'), frame(2, 4, 'bbbbbb'), frame(5, 5, 'cccccc')].map(({ blocks, ...span }) => span),
      )
      expect(log.bytes).toBe(spans.reduce((sum, { bytes }) => sum + bytes, 0))
      log.commit({ frames: [frame(6, 7, 'dddddd'), frame(8, 8, 'dddddd')], floor: { seq: 4, tag: 'bbbbbb' } })
      expect(log.bytes).toBe([...log.spans()].reduce((sum, { bytes }) => sum + bytes, 0))
    })

    it('keeps the place where it was when it was emptied, and since when, until it has a frame again', () => {
      const log = filled()
      log.commit({ floor: { seq: 5, tag: 'cccccc' }, emptied: 7_000 })
      expect(log).toMatchObject({ exists: true, emptied: 7_000, bytes: 0 })
      expect(log.head).toEqual({ seq: 5, tag: 'cccccc' })
      log.commit({ frames: [frame(6, 6, 'dddddd')] })
      expect(log.emptied).toBeUndefined()
    })

    it('keeps a key that was used again for as long as its newest use asks for', () => {
      const log = filled()
      log.commit({ key: key('k', 1, 0) })
      log.commit({ key: key('k', 1, 20 * HOUR) })
      log.commit({ floor: { seq: 5, tag: 'cccccc' }, emptied: 40 * HOUR })
      expect(log.findKey('ada', 'k')?.at).toBe(20 * HOUR)
    })

    it('forgets old keys when it is emptied, and no young ones', () => {
      const log = filled()
      log.commit({ key: key('old', 1, 0) })
      log.commit({ key: key('young', 2, 20 * HOUR) })
      log.commit({ floor: { seq: 5, tag: 'cccccc' }, emptied: 25 * HOUR })
      expect(log.findKey('ada', 'old')).toBeUndefined()
      expect(log.findKey('ada', 'young')).toBeDefined()
    })

    it('is absent after it was dropped, and begins anew', () => {
      const log = filled()
      log.commit({ key: key('k', 5), closed: true })
      for (let n = 0; n < 2; n++) log.drop()
      expect(log).toMatchObject({ exists: false, closed: false, bytes: 0, emptied: undefined })
      expect([log.head.seq, log.floor.seq, log.findKey('ada', 'k')]).toEqual([0, 0, undefined])
      log.commit({ frames: [frame(1, 2, 'dddddd')] })
      expect([...log.framesAfter(0)].map(({ last }) => last)).toEqual([2])
    })

    it('moves its floor and lets the frames below it go', () => {
      const log = filled()
      log.commit({ frames: [frame(6, 6, 'dddddd')], floor: { seq: 4, tag: 'bbbbbb' } })
      expect([...log.framesAfter(0)].map(({ first }) => first)).toEqual([5, 6])
      expect(log.floor).toEqual({ seq: 4, tag: 'bbbbbb' })
      expect([log.tagAt(4), log.tagAt(5)]).toEqual([undefined, 'cccccc'])
    })

    it('keeps keys of subjects apart, and the newest use of one', () => {
      const log = newLog()
      log.commit({ frames: [frame(1, 1, 'aaaaaa')], key: key('k', 1) })
      log.commit({ frames: [frame(2, 2, 'aaaaaa')], key: { ...key('k', 2), subject: 'ben' } })
      expect({ ...log.findKey('ada', 'k') }).toEqual(key('k', 1))
      expect(log.findKey('ben', 'k')?.first).toBe(2)
      expect(log.findKey('', 'k')).toBeUndefined()
      expect(log.findKey('ada', 'K')).toBeUndefined()
    })

    it('forgets a key only when it is 24 hours old or 10,000 newer ones came', () => {
      const log = newLog()
      const publish = (from: number, to: number, at: number): void => {
        for (let seq = from; seq <= to; seq++)
          log.commit({ frames: [{ ...frame(seq, seq, 'aaaaaa'), at }], key: key(`k${seq}`, seq, at) })
      }
      publish(1, 1, 0)
      publish(2, 1_500, 23 * HOUR)
      expect(log.findKey('ada', 'k1')).toBeDefined()
      publish(1_501, 3_000, 25 * HOUR)
      expect(log.findKey('ada', 'k1')).toBeUndefined()
      expect(log.findKey('ada', 'k2')).toBeDefined()
      publish(3_001, 13_001, 25 * HOUR)
      expect(log.findKey('ada', 'k3002')).toBeDefined() // 9,999 are newer
      publish(13_002, 14_500, 25 * HOUR)
      expect(log.findKey('ada', 'k3002')).toBeUndefined()
    })

    it('forgets keys also where only every other event has one', () => {
      const log = newLog()
      for (let seq = 1; seq <= 2_000; seq++) {
        const at = seq * HOUR
        log.commit({
          frames: [{ ...frame(seq, seq, 'aaaaaa'), at }],
          key: seq % 2 ? key(`k${seq}`, seq, at) : undefined,
        })
      }
      log.commit({ frames: [frame(2_001, 2_001, 'aaaaaa')], key: key('k2001', 2_001, 2_001 * HOUR) })
      expect(log.findKey('ada', 'k1')).toBeUndefined()
      expect(log.findKey('ada', 'k1975')).toBeUndefined()
      expect(log.findKey('ada', 'k1999')).toBeDefined()
    })

    it('forgets a run that has ended only when it is 24 hours old or 1,000 newer ones came', () => {
      const log = newLog()
      const keep = (id: string, at: number, state: Run['state'] = 'done'): void =>
        log.commit({
          run: {
            id,
            at,
            state,
            producer: 'p',
            subject: 'ada',
            key: id,
            hash: 'h',
            whenEmpty: 'continue',
            then: 'keep',
          },
        })
      const kept = (): Set<string> => new Set(Array.from(log.runs(), ({ id }) => id))
      keep('at work', 0, 'running')
      keep('old', 1)
      keep('younger', 2 * HOUR)
      expect(kept()).toEqual(new Set(['at work', 'old', 'younger']))
      keep('new', 25 * HOUR)
      expect(kept()).toEqual(new Set(['at work', 'younger', 'new']))
      for (let n = 1; n <= 1_000; n++) keep(`${n}`, 25 * HOUR + n)
      expect(kept().has('younger')).toBe(false)
      expect(kept().has('new')).toBe(false)
      expect(kept().has('at work')).toBe(true)
      expect(kept().has('2')).toBe(true)
      keep('at work', 26 * HOUR)
      keep('newest', 27 * HOUR)
      expect(kept().has('at work')).toBe(true)
      expect(kept().has('2')).toBe(false)
      expect(kept().has('4')).toBe(true)
      expect(kept().size).toBeLessThanOrEqual(1_001)
    })

    it('stays closed', () => {
      const log = filled()
      log.commit({ closed: true })
      expect(log.closed).toBe(true)
    })
  })
}
