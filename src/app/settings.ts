/** The variables that the app knows, by name: one that is misspelt would open what it was to close. */
import { SseError } from '../errors.ts'

const KNOWN = new Set([
  ...[
    'ACCESS',
    'SECRET',
    'JWT_SECRET',
    'JWT_KEYS',
    'JWKS_URL',
    'JWT_ISSUER',
    'JWT_AUDIENCE',
    'JWT_CLAIM',
    'JWT_ISSUERS',
  ],
  ...['COOKIE', 'ORIGINS', 'TICKET_SECRET', 'ADDRESS_HEADER', 'DATABASE', 'DRAIN', 'LOG'],
  ...['STREAMS', 'STREAMS_PER_ADDRESS', 'STREAMS_PER_SUBJECT', 'MEMORY', 'READERS'].map((name) => `MAX_${name}`),
  ...['PUBLISHES', 'PUBLISHES_PER_SUBJECT', 'ROOMS_PER_SUBJECT'].map((name) => `MAX_${name}`),
])
const OURS = 'EDGE_SSE_'

/** Throws `invalid-option` for a name that begins as ours do and is none. */
export function checkNames(env: object): void {
  const unknown = Object.keys(env).find((name) => name.startsWith(OURS) && !KNOWN.has(name.slice(OURS.length)))
  if (unknown === undefined) return
  const text = /^\w{1,64}$/.test(unknown) ? unknown : `a name that begins with ${OURS}`
  throw new SseError('invalid-option', `Cannot start: ${text} is no variable of edge-sse: README.md lists them`, {
    field: text,
  })
}
