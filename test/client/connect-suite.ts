/** The suite in vitest, each case a test. */
import { describe, it } from 'vitest'
import { connectCases } from './connect-cases.ts'
import { platforms } from './platforms.ts'
import type { Addresses } from './scripted.ts'

export function connectSuite(platform: keyof typeof platforms, server: Addresses): void {
  describe(`connect on ${platforms[platform].name}`, () => {
    for (const { name, run } of connectCases) it(name, () => run({ server, platform: platforms[platform] }))
  })
}
