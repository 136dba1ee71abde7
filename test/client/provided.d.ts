import type { Addresses } from './scripted.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that serve-scripts.ts has started. */
    scripted: Addresses
  }
}
