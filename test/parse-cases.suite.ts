/** Every case of parsing, on whatever runtime runs this: whole and cut everywhere, with each line end. */
import { describe, expect, it } from 'vitest'
import { clients } from './parse/clients.ts'
import { differences } from './parse/differences.ts'
import { parseCases } from './parse/parse-cases.ts'
import { readers } from './parse/readers.ts'

/** Registers the tests. */
export function parseCasesSuite(): void {
  describe.each(Object.entries(readers))('%s', (_, { read, cuts }) => {
    it.each(parseCases.map((each) => [each.name, each] as const))('%s', async (_, each) => {
      expect(await differences(each, read, cuts)).toEqual([])
    })
  })

  describe.each(Object.entries(clients))('%s', (_, differencesOf) => {
    it.each(parseCases.map((each) => [each.name, each] as const))('%s', async (_, each) => {
      expect(await differencesOf(each)).toEqual([])
    })
  })
}
