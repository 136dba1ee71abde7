/** Which access mode the environment asks for. */
import { SseError } from '../errors.ts'
import type { Access } from './access.ts'
import { openAccess } from './open.ts'
import { secretAccess } from './secret.ts'

export interface AccessEnvironment {
  /** `open`: everyone on this machine. Given on the command line alone, as `npm start` does. */
  EDGE_SSE_ACCESS?: string | undefined
  /** Clients send it as a bearer token. Wins over `EDGE_SSE_ACCESS`. */
  EDGE_SSE_SECRET?: string | undefined
}

const notConfigured = (reason: string): Access => ({
  authorize() {
    throw new SseError('access-not-configured', `Cannot authorize: ${reason}`)
  },
})

export function accessFrom({ EDGE_SSE_ACCESS: mode, EDGE_SSE_SECRET: secret }: AccessEnvironment): Access {
  if (secret && /[\s,]/.test(secret)) return notConfigured('EDGE_SSE_SECRET holds a space or comma, no token does')
  if (secret) return secretAccess(secret)
  return mode === 'open' ? openAccess : notConfigured('neither EDGE_SSE_SECRET nor EDGE_SSE_ACCESS is set')
}
