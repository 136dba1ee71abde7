import { describe, expect, it } from 'vitest'
import { answerCases } from './parse/answer-cases.ts'
import { parseCases } from './parse/parse-cases.ts'
import { parseCasesSuite } from './parse-cases.suite.ts'

parseCasesSuite()

describe('the cases', () => {
  it('are called differently', () => {
    const names = parseCases.map(({ name }) => name)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })

  it('are of every file of web-platform-tests that is about the format, or about answers', () => {
    const sources = [...parseCases, ...answerCases].map(({ source }) => source).join('\n')
    const files = [
      'event-data.any',
      'format-bom.any',
      'format-bom-2.any',
      'format-comments.any',
      'format-data-before-final-empty-line.any',
      'format-field-data.any',
      'format-field-event.any',
      'format-field-event-empty.any',
      'format-field-id.any',
      'format-field-id-2.any',
      'format-field-id-3.window',
      'format-field-id-null.window',
      'format-field-parsing.any',
      'format-field-retry.any',
      'format-field-retry-bogus.any',
      'format-field-retry-empty.any',
      'format-field-unknown.any',
      'format-leading-space.any',
      'format-mime-bogus.any',
      'format-mime-trailing-semicolon.any',
      'format-mime-valid-bogus.any',
      'format-newlines.any',
      'format-null-character.any',
      'format-utf-8.any',
      'eventsource-reconnect.window',
      'request-redirect.any.window',
      'request-status-error.window',
    ]
    expect(files.filter((file) => !sources.includes(`eventsource/${file}.js`))).toEqual([])
  })
})
