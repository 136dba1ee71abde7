import { describe, expect, it } from 'vitest'
import { getLastEventId } from '../src/last-event-id.ts'

const request = (header?: string, query = ''): Request =>
  new Request(`http://localhost/sse${query}`, header === undefined ? {} : { headers: { 'last-event-id': header } })

/** How a header arrives that a browser sent as UTF-8: one character for each byte. */
const asBytes = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text))

describe('getLastEventId', () => {
  it('is empty when the reader brings none', () => {
    expect(getLastEventId(request())).toBe('')
  })

  it('is what the header says', () => {
    expect(getLastEventId(request('7-abcdef'))).toBe('7-abcdef')
    expect(getLastEventId(request('0'))).toBe('0')
  })

  it('is what the query says where there is no header, decoded', () => {
    expect(getLastEventId(request(undefined, '?lastEventId=7-abcdef'))).toBe('7-abcdef')
    expect(getLastEventId(request(undefined, '?a=1&lastEventId=a%20b%2B%C3%A9'))).toBe('a b+é')
  })

  it('prefers the header to the query', () => {
    expect(getLastEventId(request('8', '?lastEventId=7'))).toBe('8')
  })

  it('takes an empty header for none', () => {
    expect(getLastEventId(request('', '?lastEventId=7'))).toBe('7')
    expect(getLastEventId(request(''))).toBe('')
  })

  it('is empty when the query is', () => {
    expect(getLastEventId(request(undefined, '?lastEventId='))).toBe('')
  })

  it('takes the first of several in the query', () => {
    expect(getLastEventId(request(undefined, '?lastEventId=1&lastEventId=2'))).toBe('1')
  })

  it.each(['é', '名前', '😀', 'a\ufeffb', '\ufeffa'])('decodes the UTF-8 of %j in the header', (id) => {
    expect(getLastEventId(request(asBytes(id)))).toBe(id)
  })

  it('leaves a header that is not UTF-8 as it came', () => {
    expect(getLastEventId(request('caf\xe9'))).toBe('caf\xe9')
  })
})
