import { readFileSync, rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { check, History } from './checker.ts'
import { expectSound } from './expect-sound.ts'
import { Story } from './story.ts'

describe('expectSound', () => {
  it('says nothing of a sound history', () => {
    expect(() => expectSound(new Story(), 'sound')).not.toThrow()
  })

  it('keeps a history that is not sound as a file, and says which', () => {
    const story = new Story()
    story.publishes('k1', '1-aaaaaa')
    story.dumps('')
    let message = ''
    try {
      expectSound(story, 'a test of its own')
    } catch (error) {
      message = String(error)
    }
    const [file = ''] = /test\/output\/histories\/a-test-of-its-own-\d+\.jsonl/.exec(message) ?? []
    expect(message).toContain('R1: 1-aaaaaa was acknowledged')
    expect(check(History.parse(readFileSync(file, 'utf8')))).toEqual(check(story.entries))
    rmSync(file)
  })
})
