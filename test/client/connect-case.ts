/** A case of the suite of `connect()`: it runs on every platform, without a framework around it. */
import type { Platform } from './platforms.ts'
import type { Addresses } from './scripted.ts'

export interface ConnectCase {
  /** A sentence about `connect`, in the present tense. */
  name: string
  run(world: World): Promise<void>
}

export interface World {
  server: Addresses
  platform: Platform
}
