import { describe, expect, it } from 'vitest'
import { nearest } from '../../bin/nearest.ts'

const NAMES = ['listen', 'publish', 'chat', 'check', 'init', 'templates', 'token']

describe('nearest', () => {
  it.each([
    ['pubilsh', 'publish'],
    ['lisen', 'listen'],
    ['chek', 'check'],
    ['tokens', 'token'],
    ['pub', 'publish'],
    ['template', 'templates'],
    ['xyz', undefined],
    ['deploy', undefined],
    ['p'.repeat(10_000), undefined],
  ])('takes %s for %s', (given, meant) => {
    expect(nearest(given, NAMES)).toBe(meant)
  })
})
