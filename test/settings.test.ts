import { describe, expect, it } from 'vitest'
import { SettingsError, settingsFrom } from '../src/runtimes/settings.ts'

describe('settingsFrom', () => {
  it('listens on this machine alone unless it is told otherwise', () => {
    expect(settingsFrom({})).toEqual({
      hostname: '127.0.0.1',
      port: 8787,
      tls: undefined,
      database: undefined,
      drain: 5_000,
      logsRequests: false,
    })
    expect(settingsFrom({ HOST: '::1', PORT: '0', EDGE_SSE_DRAIN: '0' })).toMatchObject({
      hostname: '::1',
      port: 0,
      drain: 0,
    })
  })

  it.each(['0.0.0.0', '::', '192.0.2.1', 'rooms.example', ''])('refuses to be open to everyone on HOST=%j', (HOST) => {
    expect(() => settingsFrom({ HOST, EDGE_SSE_ACCESS: 'open' })).toThrow(SettingsError)
    expect(settingsFrom({ HOST, EDGE_SSE_ACCESS: 'open', EDGE_SSE_SECRET: 'x' }).hostname).toBe(HOST)
    expect(settingsFrom({ HOST }).hostname).toBe(HOST)
  })

  it.each(['', 'x', '-1', '1.5', '65536', '1e3', ' 1'])('refuses PORT=%j', (PORT) => {
    expect(() => settingsFrom({ PORT })).toThrow(/^Cannot start: PORT is /)
  })

  it('reads a certificate and its key, and says which of them is missing', () => {
    const [cert, key] = ['test/e2e/tls/cert.pem', 'test/e2e/tls/key.pem']
    expect(settingsFrom({ TLS_CERT: cert, TLS_KEY: key }).tls).toEqual({
      cert: expect.stringContaining('BEGIN CERTIFICATE'),
      key: expect.stringContaining('PRIVATE KEY'),
    })
    expect(() => settingsFrom({ TLS_CERT: cert })).toThrow('needs both')
    expect(() => settingsFrom({ TLS_CERT: cert, TLS_KEY: 'no/such.pem' })).toThrow('TLS_KEY cannot be read')
  })
})
