import { describe, expect, it } from 'vitest'
import { limitsFrom } from '../src/app/limits-from-environment.ts'
import { checkNames } from '../src/app/settings.ts'

describe('checkNames', () => {
  it('knows the variables of the app, and lets others be', () => {
    checkNames({ EDGE_SSE_JWT_KEYS: '', EDGE_SSE_MAX_STREAMS_PER_ADDRESS: '', PATH: '', ROOMS: {}, EDGESSE: '' })
  })

  it.each(['EDGE_SSE_JWT_KEY', 'EDGE_SSE_MAX_STREAM', 'EDGE_SSE_', 'EDGE_SSE_secret'])('refuses %s', (name) => {
    expect(() => checkNames({ [name]: 'x' })).toThrow(`Cannot start: ${name} is no variable of edge-sse`)
  })

  it('repeats no name that could be anything', () => {
    expect(() => checkNames({ 'EDGE_SSE_\u001b[31m': 'x' })).toThrow('a name that begins with EDGE_SSE_')
  })
})

describe('limitsFrom', () => {
  it('has limits where none are set', () => {
    expect(limitsFrom({})).toMatchObject({
      room: { publishes: { perSecond: 1_000, burst: 5_000 }, publishesPerSubject: { perSecond: 100 } },
      roomsPerSubject: 100,
      addressHeader: undefined,
    })
    expect(limitsFrom({ EDGE_SSE_MAX_MEMORY: '2', EDGE_SSE_ADDRESS_HEADER: 'X-Real-IP' })).toMatchObject({
      admission: { memory: 2_097_152 },
      addressHeader: 'X-Real-IP',
    })
  })

  it.each(['0', '-1', '1.5', 'x', '1e3', ' 1', '9999999999'])('refuses %j streams', (EDGE_SSE_MAX_STREAMS) => {
    expect(() => limitsFrom({ EDGE_SSE_MAX_STREAMS })).toThrow(/^Cannot start: EDGE_SSE_MAX_STREAMS is /)
  })

  it('refuses what is no name of a header', () => {
    expect(() => limitsFrom({ EDGE_SSE_ADDRESS_HEADER: 'a b' })).toThrow(/^Cannot start: EDGE_SSE_ADDRESS_HEADER is /)
  })
})
