/** What a token for development is to hold, from the command line: claims for the app, and words for a person. */
import { type Command, UsageMistake } from '../command.ts'
import { printable } from '../printable.ts'

type Environment = Record<string, string | undefined>

export interface TokenTerms {
  claims: Record<string, unknown>
  /** Who may do what, where, until when. */
  sentence: string
  /** A line to try it with. It names the token and does not hold it. */
  curl: string
}

/** What is wrong with the command line. */
export class TokenMistake extends UsageMistake {
  constructor(state: string) {
    super(`Cannot make token: ${printable(state, { atMost: 500 })}`)
  }
}

const OF_ROOMS = ['subscribe', 'publish', 'answer']
const OF_NONE = ['subscribe', 'publish', 'answer', 'admin']
const UNITS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 }
/** Seconds: whoever finds a token of development in an old terminal should have nothing. */
const LONGEST = 30 * 86_400
const OPTION = { type: 'string', multiple: true } as const

/** Each may be there twice, so that it is noticed. */
export const TOKEN_OPTIONS = {
  room: OPTION,
  can: OPTION,
  for: OPTION,
  as: OPTION,
  audience: OPTION,
  issuer: OPTION,
} as const satisfies Command['options']

/** What was given of them. */
export type TokenValues = Partial<Record<keyof typeof TOKEN_OPTIONS, string[]>>

/** Throws a `TokenMistake`. */
export function tokenTerms(
  { room: rooms = [], ...given }: TokenValues,
  env: Environment,
  now: number = Date.now(),
): TokenTerms {
  const once = (name: keyof typeof given): string | undefined => {
    const values = given[name] ?? []
    if (values.length > 1) throw new TokenMistake(`--${name} is there twice`)
    if (values[0]?.trim() === '') throw new TokenMistake(`--${name} is empty`)
    return values[0]
  }
  for (const room of rooms) checkRoom(room)
  const can = actions(once('can'), rooms.length > 0)
  const sub = subject(once('as') ?? 'developer')
  const seconds = duration(once('for') ?? '1h')
  const iat = Math.floor(now / 1000)
  const exp = iat + seconds
  const aud = once('audience') ?? (env.EDGE_SSE_JWT_AUDIENCE || 'edge-sse')
  const iss = once('issuer') ?? (env.EDGE_SSE_JWT_ISSUER || undefined)
  const rights = rooms.length > 0 ? { rooms: Object.fromEntries(rooms.map((room) => [room, can])) } : { can }
  const where = rooms.length > 0 ? `in ${list(rooms)}` : '(about no room)'
  return {
    claims: { sub, aud, ...(iss && { iss }), iat, exp, ...rights },
    sentence: `${sub} may ${list(can)} ${where} until ${time(exp)} (${spoken(seconds)})`,
    curl: curlLine(rooms[0], can, `http://localhost:${/^\d{1,5}$/.exec(env.PORT ?? '') ?? 8787}`),
  }
}

function checkRoom(room: string): void {
  const prefix = room.replace(/\*$/, '')
  if (prefix.includes('*')) throw new TokenMistake(`--room "${room}" has a * that is not at its end`)
  if (room.startsWith('~')) throw new TokenMistake(`--room "${room}": rooms that begin with ~ are the server's own`)
  if (!(room === '*' || /^[A-Za-z0-9._~-]{1,64}$/.test(prefix)) || room === '.' || room === '..')
    throw new TokenMistake(
      `--room "${room}" is no name of a room: 1 to 64 of A-Z a-z 0-9 . _ ~ -, and maybe a * at the end`,
    )
}

function actions(text: string | undefined, isOfRooms: boolean): string[] {
  const known = isOfRooms ? OF_ROOMS : OF_NONE
  if (text === undefined) throw new TokenMistake(`--can is missing: some of ${known.join(',')}`)
  const can = [...new Set(text.split(',').map((action) => action.trim()))]
  for (const action of can) {
    if (known.includes(action)) continue
    if (OF_NONE.includes(action)) throw new TokenMistake(`--can ${action} is about no room: leave --room out`)
    throw new TokenMistake(`--can holds "${action}", which is none of ${known.join(', ')}`)
  }
  return can
}

function duration(text: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? []
  const seconds = Number(count) * (UNITS[unit] ?? 0)
  if (!seconds) throw new TokenMistake(`--for "${text}" is no time like 30s, 15m, 1h or 7d`)
  if (seconds > LONGEST) throw new TokenMistake(`--for ${text} is longer than 30d`)
  return seconds
}

function subject(text: string): string {
  if (text.length > 512) throw new TokenMistake('--as is longer than 512 characters')
  if (/\p{C}/u.test(text)) throw new TokenMistake('--as holds characters that cannot be seen')
  return text
}

const list = (words: string[]): string => words.join(', ').replace(/, ([^,]*)$/, ' and $1')
const time = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

function spoken(seconds: number): string {
  const [unit = 's', size = 1] = Object.entries(UNITS).findLast(([, size]) => seconds % size === 0) ?? []
  return `${seconds / size}${unit}`
}

function curlLine(pattern: string | undefined, can: string[], url: string): string {
  const header = '-H "authorization: Bearer $TOKEN"'
  const posts = (path: string, body: string): string =>
    `curl ${url}${path} ${header} -H 'content-type: application/json' -d '${body}'`
  if (pattern !== undefined) {
    const room = pattern === '*' ? 'lobby' : pattern.replace(/\*$/, '1').slice(0, 64)
    if (can.includes('subscribe')) return `curl -N ${url}/rooms/${room}/events ${header}`
    return can.includes('publish')
      ? posts(`/rooms/${room}/events`, '{"data":"hello"}')
      : posts(`/server/send?room=${room}`, '{"messages":[{"role":"user","content":"hello"}]}')
  }
  if (can.includes('publish')) return posts('/progress', '{}')
  const path = can.includes('admin') ? '/metrics' : can.includes('subscribe') ? '/progress/<id>/events' : '/…'
  return `curl -N '${url}${path}' ${header}`
}
