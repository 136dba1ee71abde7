/** Histories in which every promise is kept: the checker finds nothing in them. */
import { describe, expect, it } from 'vitest'
import { assertSound, check, History } from './checker.ts'
import { four, ids, LOG, one, published, Story, three, two } from './story.ts'

describe('check finds nothing wrong with', () => {
  it('no entries, and a room that was never published to', () => {
    const story = new Story()
    expect(check(story.entries)).toEqual([])
    story.reader('').live('0')
    story.dumps('', { rest: true })
    expect(check(story.entries)).toEqual([])
  })

  it('readers that replay, join and go on live', () => {
    const story = new Story()
    const early = story.reader(LOG, { client: 'early' }).live('0')
    story.publishes('k1', one)
    story.publishes('k2', two)
    early.reads(one, two)
    const late = story.reader(LOG, { client: 'late', at: one }).reads(two).live(two)
    story.publishes('k3', three)
    story.publishes('k4', four)
    early.reads(three, four)
    late.reads(three, four)
    story.dumps(LOG, { rest: true })
    expect(check(story.entries)).toEqual([])
  })

  it('a logical client that resumes on many connections', () => {
    const story = published()
    story.reader(LOG).reads(one).disconnected('reset')
    story.reader(LOG, { at: one }).disconnected('nothing came')
    story.reader(LOG, { at: one }).reads(two, three).disconnected('fin')
    story.reader(LOG, { at: three }).reads(four).live(four)
    story.dumps(LOG, { rest: true })
    expect(check(story.entries)).toEqual([])
  })

  it('a cursor below the floor, and everything retained after its gap', () => {
    const story = published()
    story.reader(LOG, { at: one }).gap('expired', one, two).reads(three, four).live(four)
    story.dumps('3-cccccc:k3 4-dddddd:k4', { floor: two, rest: true })
    expect(check(story.entries)).toEqual([])
  })

  it('a slow reader that retention overtook, and that is at the head of an empty log after it', () => {
    const story = published()
    story.reader(LOG).live('0').reads(one).gap('slow', one, four)
    story.dumps('', { floor: four, rest: true })
    expect(check(story.entries)).toEqual([])
  })

  it('garbage and an id of another room, each with its gap, and reading again what was read before it', () => {
    const story = published()
    story.reader(LOG, { client: 'garbage', at: 'what?' }).gap('malformed', null, '0').reads(one)
    story.reader(LOG, { client: 'stranger', at: '3-zzzzzz' }).gap('unknown', '3-zzzzzz', '0').reads(one)
    story.reader(LOG, { client: 'again' }).reads(one, two).disconnected('')
    story.reader(LOG, { client: 'again', at: '9-zzzzzz' }).gap('unknown', '9-zzzzzz', '0').reads(one, two)
    story.dumps(LOG)
    expect(check(story.entries)).toEqual([])
  })

  it('a publish that is replayed, with the same id', () => {
    const story = new Story()
    const first = story.sends('k1')
    first.failed('reset')
    story.publishes('k1', one, { duplicate: true })
    story.publishes('k2', two)
    story.publishes('k1', one, { duplicate: true })
    story.dumps('1-aaaaaa:k1 2-bbbbbb:k2')
    expect(check(story.entries)).toEqual([])
  })

  it('publishes never answered, in the log or not, and publishes at one time in any order', () => {
    const story = new Story()
    story.sends('k1').failed('reset')
    story.sends('never').failed('reset')
    const [a, b] = [story.sends('k2'), story.sends('k3')]
    b.acknowledged([two])
    a.acknowledged([three])
    story.dumps('1-aaaaaa:k1 2-bbbbbb:k3 3-cccccc:k2')
    expect(check(story.entries)).toEqual([])
  })

  it('publishes without a key: two of one text are two events', () => {
    const story = new Story()
    story.publishes('-same', one)
    story.publishes('-same', two)
    story.sends('-lost').failed('reset')
    story.dumps('1-aaaaaa:-same 2-bbbbbb:-same 3-cccccc:-lost')
    expect(check(story.entries)).toEqual([])
  })

  it('a batch: one key, many ids', () => {
    const story = new Story()
    story.sends('k1', { count: 3 }).failed('reset')
    story.publishes('k1', ['1-aaaaaa', '2-aaaaaa', '3-aaaaaa'], { duplicate: true })
    const log = '1-aaaaaa:k1 2-aaaaaa:k1 3-aaaaaa:k1'
    story.reader(log).reads('1-aaaaaa', '2-aaaaaa', '3-aaaaaa').live('3-aaaaaa')
    story.dumps(log, { rest: true })
    expect(check(story.entries)).toEqual([])
  })

  it('a batch that was never acknowledged, and of which retention took the beginning', () => {
    const story = new Story()
    story.sends('k1', { count: 3 }).failed('reset')
    story.dumps('2-aaaaaa:k1 3-aaaaaa:k1', { floor: '1-aaaaaa' })
    expect(check(story.entries)).toEqual([])
  })

  it('several rooms with the same keys and seqs', () => {
    const story = new Story()
    for (const [room, tag] of [
      ['a', 'aaaaaa'],
      ['b', 'bbbbbb'],
    ] as const) {
      story.publishes('k1', `1-${tag}`, { room })
      story.reader(`1-${tag}:k1`, { room }).reads(`1-${tag}`).live(`1-${tag}`)
      story.dumps(`1-${tag}:k1`, { room, rest: true })
    }
    expect(check(story.entries)).toEqual([])
  })

  it('dumps of a log that grows and forgets', () => {
    const story = published()
    story.dumps(LOG)
    story.publishes('k5', '5-eeeeee')
    story.dumps('4-dddddd:k4 5-eeeeee:k5', { floor: three })
    story.publishes('k6', '6-ffffff')
    expect(check(story.entries)).toEqual([])
  })

  it('a log that was lost: what it acknowledged is not looked for in the next, and its cursors get a gap', () => {
    const story = published()
    story
      .reader(LOG)
      .reads(...ids)
      .disconnected('lost')
    story.dumps(LOG)
    story.lost('a')
    const next = '1-zzzzzz:k4 2-yyyyyy:k5'
    story.publishes('k4', '1-zzzzzz')
    story.publishes('k5', '2-yyyyyy')
    story.reader(next, { at: four }).gap('unknown', four, '0').reads('1-zzzzzz', '2-yyyyyy').live('2-yyyyyy')
    story.dumps(next, { rest: true })
    expect(check(story.entries)).toEqual([])
  })

  it('a log put back to an older copy: who stood in what both hold goes on', () => {
    const story = published()
    story.dumps(LOG)
    story.lost('a')
    const next = '1-aaaaaa:k1 2-bbbbbb:k2 3-zzzzzz:k5'
    story.publishes('k5', '3-zzzzzz')
    story.reader(next, { client: 'behind', at: two }).reads('3-zzzzzz')
    story.reader(next, { client: 'ahead', at: three }).gap('unknown', three, '0').reads(one, two, '3-zzzzzz')
    story.dumps(next, { rest: true })
    expect(check(story.entries)).toEqual([])
  })
})

describe('a history', () => {
  it('comes back from its lines as it was', () => {
    const story = published()
    story.reader(LOG).reads(one, three).disconnected('')
    story.dumps(LOG)
    const entries = History.parse(story.toJSONL())
    expect(entries).toEqual(story.entries)
    expect(check(entries).map(({ rule }) => rule)).toEqual(['R4'])
  })

  it('throws what is wrong with it in words', () => {
    const story = new Story()
    story.publishes('k1', one)
    story.dumps('')
    expect(() => assertSound(story)).toThrow('R1: 1-aaaaaa was acknowledged, and the log of a does not hold it')
  })

  it('tells long texts apart by their length and their hash, and takes line ends as the wire does', () => {
    const history = new History()
    const [x, y] = ['x', 'y'].map((letter) => `${'long '.repeat(40)}${letter}`)
    history.sent({ room: 'a', messages: [{ data: x }] }).acknowledged(['1-aaaaaa'])
    history.sent({ room: 'a', messages: [{ data: 'one\r\ntwo\rthree' }] }).acknowledged(['2-bbbbbb'])
    history.dumped('a', [
      { id: '1-aaaaaa', data: y as string },
      { id: '2-bbbbbb', data: 'one\ntwo\nthree' },
    ])
    expect(check(history.entries).map(({ rule }) => rule)).toEqual(['R1'])
  })
})
