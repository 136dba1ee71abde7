/** Rights as a token may claim them, in whatever form, with what they come to, told by other rules than the app's. */
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { NAMES } from '../rooms/awkward-names.ts'
import { AUDIENCE, inSeconds, JWT_SECRET } from './tokens.ts'

/** `.` and `..` are resolved by who sends a URL, and by who reads it: no path holds them. */
export const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...NAMES) },
  // Where a list stands for an object, its places have such names.
  { weight: 1, arbitrary: fc.constantFrom('0', '1', 'length') },
  { weight: 1, arbitrary: fc.stringMatching(/^[A-Za-z0-9._~-]{1,5}$/).filter((text) => !/^\.\.?$/.test(text)) },
)

/** `*` where it counts, where it does not, and what other systems take for patterns. */
const junk = fc.constantFrom(
  ...['', '*', '**', '~*', '~job-1', 'te*m-1', '*-1', 'team-?', 'team-1*0', 'a.b*c', '.*', '^.*$', '%', 'a%', 'a%5Fb'],
  ...[
    'a/b',
    'team-1/',
    'team-1 ',
    ' team-1',
    'TEAM-1*',
    '[a-z]*',
    'rooms.*',
    'lobby\u0000',
    '\uff0a',
    '*lobby',
    'a_b%*',
  ],
)
const pattern = fc.oneof(
  { weight: 5, arbitrary: name },
  { weight: 3, arbitrary: fc.tuple(name, fc.nat(8)).map(([text, length]) => `${text.slice(0, length)}*`) },
  { weight: 2, arbitrary: junk },
)

const action = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('subscribe', 'publish') },
  { weight: 1, arbitrary: fc.constantFrom('answer', 'admin', 'Subscribe', 'PUBLISH', '*', '', 'subscribe ', 'read') },
)
const ACTIONS: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: fc.array(action, { maxLength: 3 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      ...['subscribe', 'subscribe,publish', null, 7, true, {}, [['subscribe', 'publish']], [null, 7, {}]],
      ...[{ subscribe: true, publish: true }, { 0: 'subscribe', length: 1 }, [{ toString: 'subscribe' }]],
    ),
  },
)

/** A JSON object as its text: no key means anything there, `__proto__` neither. */
const objectOf = (entries: readonly (readonly [string, unknown])[]): string =>
  `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`

/** What `rooms` claims, as JSON; and the rights in it, where it is of the form that has some. */
interface Claimed {
  json: string
  rights: readonly (readonly [pattern: string, actions: unknown])[]
}
const rooms: fc.Arbitrary<Claimed> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .uniqueArray(fc.tuple(pattern, ACTIONS), { selector: ([key]) => key, minLength: 1, maxLength: 5 })
      .map((rights) => ({ json: objectOf(rights), rights })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<unknown>(
        ...[null, 7, true, '*', 'lobby', [], ['lobby'], [['lobby', ['subscribe']]], [['subscribe', 'publish']]],
        ...[[['publish'], ['subscribe', 'publish']], { rooms: { '*': ['subscribe', 'publish'] } }],
      )
      .map((value) => ({ json: JSON.stringify(value), rights: [] })),
  },
)

export interface Holder {
  /** `undefined`: nothing is brought along. */
  token: string | undefined
  /** Whether the token is one of ours at all. */
  valid: boolean
  rights: Claimed['rights']
}

const encoded = (text: string): string => Buffer.from(text).toString('base64url')

function signed(claims: string, secret: string): string {
  const text = `${encoded('{"alg":"HS256"}')}.${encoded(claims)}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

function holderOf({ json, rights }: Claimed, kind = 'valid', can = ''): Holder {
  const exp = kind === 'expired' ? inSeconds(-1) : inSeconds(3_600)
  const aud = kind === 'elsewhere' ? 'elsewhere' : AUDIENCE
  const claims = `{"sub":"ada","aud":"${aud}","exp":${exp},"rooms":${json}${can}}`
  const token = signed(claims, kind === 'foreign' ? `${JWT_SECRET}!` : JWT_SECRET)
  return { token: kind === 'none' ? undefined : token, valid: kind === 'valid', rights }
}

/** Who may everything, who may nothing, and who is nobody. */
export const PLAIN_HOLDERS: readonly Holder[] = [
  holderOf({ json: '{"*":["subscribe","publish"]}', rights: [['*', ['subscribe', 'publish']]] }),
  holderOf({ json: '{}', rights: [] }),
  holderOf({ json: '{}', rights: [] }, 'none'),
]

export const holder: fc.Arbitrary<Holder> = fc
  .tuple(
    rooms,
    fc.oneof(
      { weight: 9, arbitrary: fc.constant('valid') },
      { weight: 1, arbitrary: fc.constantFrom('none', 'expired', 'foreign', 'elsewhere') },
    ),
    // What is about no room gives nothing of any.
    fc.constantFrom('', ',"can":["subscribe","publish","admin"]', ',"can":{"lobby":["subscribe"]}'),
  )
  .map(([claimed, kind, can]) => holderOf(claimed, kind, can))

/** What a holder may do in a room: of a pattern, all up to its last character is compared, one by one. */
export const may = ({ valid, rights }: Holder, room: string, wanted: string): boolean =>
  valid &&
  room[0] !== '~' &&
  rights.some(([text, actions]) => {
    if (!Array.isArray(actions) || actions.indexOf(wanted) < 0) return false
    const open = text.at(-1) === '*'
    const head = open ? text.length - 1 : text.length
    if (open ? room.length < head : room.length !== head) return false
    for (let at = 0; at < head; at++) if (text.charCodeAt(at) !== room.charCodeAt(at)) return false
    return true
  })

const percent = (text: string, upper: boolean): string =>
  [...Buffer.from(text)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .map((hex) => `%${upper ? hex.toUpperCase() : hex}`)
    .join('')

/** A name as it may be asked for in a path: as it is, partly or wholly in percent forms, once, twice, or badly. */
export const segment: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: name },
  {
    weight: 4,
    arbitrary: fc
      .tuple(name, fc.nat(2 ** 16), fc.boolean())
      .map(([text, mask, upper]) =>
        [...text].map((letter, at) => ((mask >> (at % 16)) & 1 ? percent(letter, upper) : letter)).join(''),
      ),
  },
  { weight: 1, arbitrary: name.map((text) => percent(percent(text, true), true)) },
  {
    weight: 1,
    arbitrary: name.map((text) => text.replaceAll(/[^A-Za-z0-9]/g, (letter) => `%25${percent(letter, true).slice(1)}`)),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...['a%5Fb', 'a%5fb', '%61', 'team%2D1', 'a%2Fb', 'a%2fb', 'a%252Fb', 'team-1%00', 'team-1%20', 'team-1%0a', '%'],
      ...['%zz', 'a%', '%C3%A4', '%ff', '%7Ejob-1', '~job-1', '~', 'team-1;x', 'team-1:', 'a+b', '*', 'team-*', '%2A'],
      ...['team-1%2F..%2Flobby', '%2e%2e%2flobby', 'lobby%3Fx', 'lobby%23', 'x'.repeat(65), '%EF%BC%8A', 'a%c0%afb'],
    ),
  },
)

/** What a segment of a path stands for, `undefined` where it stands for nothing: byte by byte, as RFC 3986 has it. */
export function decoded(text: string): string | undefined {
  const bytes: number[] = []
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '%') {
      bytes.push(text.charCodeAt(at))
      continue
    }
    const hex = text.slice(at + 1, at + 3)
    if (!/^[0-9a-fA-F]{2}$/.test(hex)) return undefined
    bytes.push(Number.parseInt(hex, 16))
    at += 2
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes))
  } catch {
    return undefined
  }
}
