import { describe, expect, it } from 'vitest'
import { Origins } from '../../src/access/origins.ts'

const APP = 'https://app.example'
const answered = (origins: Origins, origin: string | undefined, { method = 'GET', headers = {} } = {}): Headers => {
  const request = new Request('http://localhost/rooms/lobby', {
    method,
    headers: origin === undefined ? {} : { origin },
  })
  const response = new Response(null, { headers })
  origins.allow(request, response)
  return response.headers
}

describe('Origins', () => {
  it('lets pages of listed origins read, and says that the answer depends on it', () => {
    const headers = answered(new Origins([APP]), APP)
    expect(Object.fromEntries(headers)).toEqual({
      'access-control-allow-origin': APP,
      'access-control-expose-headers': 'edge-sse-stream, retry-after',
      vary: 'Origin',
    })
  })

  it.each([
    undefined,
    'null',
    'https://evil.example',
    'http://app.example',
    `${APP}.evil.example`,
    `${APP}/`,
    APP.toUpperCase(),
  ])('lets no page of %s read', (origin) => {
    expect(Object.fromEntries(answered(new Origins([APP], true), origin))).toEqual({ vary: 'Origin' })
  })

  it('answers a preflight with what a client of a room sends', () => {
    const headers = answered(new Origins([APP], true), APP, { method: 'OPTIONS', headers: { allow: 'GET, OPTIONS' } })
    expect(Object.fromEntries(headers)).toEqual({
      allow: 'GET, OPTIONS',
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'last-event-id, authorization, idempotency-key, content-type',
      'access-control-allow-methods': 'GET, OPTIONS',
      'access-control-allow-origin': APP,
      'access-control-max-age': '7200',
      vary: 'Origin',
    })
  })

  it('leaves alone what everybody may read, and says nothing where nobody is listed', () => {
    const open = { headers: { 'access-control-allow-origin': '*' } }
    expect(Object.fromEntries(answered(new Origins([APP], true), APP, open))).toEqual(open.headers)
    expect(Object.fromEntries(answered(new Origins(), APP))).toEqual({})
  })
})
