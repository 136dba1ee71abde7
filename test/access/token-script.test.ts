import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { parseArguments } from '../../bin/arguments.ts'
import { type TokenTerms, type TokenValues, tokenTerms } from '../../bin/token/token-terms.ts'
import { token as command } from '../../bin/token.ts'
import { type AccessEnvironment, guardFrom } from '../../src/access/from-environment.ts'
import { token } from '../script-run.ts'
import { JWT_SECRET } from './tokens.ts'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'edge-sse-token-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
})

const secret = { EDGE_SSE_JWT_SECRET: JWT_SECRET }
const kept = (): string => join(cwd, '.edge-sse/jwt-secret')

/** Who the app takes the bearer of this token for. */
const ask = async (env: AccessEnvironment, bearer: string, room: string, action: 'subscribe' | 'publish' | 'admin') =>
  guardFrom(env).access.authorize(
    new Request('http://localhost/', { headers: { authorization: `Bearer ${bearer}` } }),
    room,
    action,
  )

/** What these words ask for, with nothing in the environment. */
const termsOf = (words: string, now?: number): TokenTerms =>
  tokenTerms(parseArguments(command, words.split(' ').filter(Boolean)).values as TokenValues, {}, now)

describe('npm run token', () => {
  it('writes a token alone to stdout that the app takes for what it says, and a line for people beside it', async () => {
    const { code, out, err } = await token('--room lobby --room team-* --can subscribe,publish --as ada --for 15m', {
      env: secret,
      cwd,
    })
    expect([code, out]).toEqual([0, expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/)])
    const bearer = out.trim()
    expect(decodeJwt(bearer)).toMatchObject({
      sub: 'ada',
      aud: 'edge-sse',
      rooms: { lobby: ['subscribe', 'publish'], 'team-*': ['subscribe', 'publish'] },
    })
    for (const room of ['lobby', 'team-1'])
      for (const action of ['subscribe', 'publish'] as const)
        expect(await ask(secret, bearer, room, action)).toMatchObject({ subject: 'ada' })
    expect(await ask(secret, bearer, 'other', 'subscribe')).toBe(false)
    expect(err).toMatch(/^ada may subscribe and publish in lobby and team-\* until \d{4}-\S+Z \(15m\)\n/)
    expect(err).toContain('curl -N http://localhost:8787/rooms/lobby/events -H "authorization: Bearer $TOKEN"\n')
    expect(err).not.toContain('eyJ')
  })

  it('gives the right to ask a model in a room, for the chat tool', () => {
    const { claims, curl } = termsOf('--room chat --can answer')
    expect(claims).toMatchObject({ rooms: { chat: ['answer'] } })
    expect(curl).toBe(
      `curl http://localhost:8787/server/send?room=chat -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"messages":[{"role":"user","content":"hello"}]}'`,
    )
  })

  it('gives rights about no room where no room is named', async () => {
    const { out } = await token('--can publish,admin', { env: secret, cwd })
    expect(await ask(secret, out.trim(), '', 'admin')).toMatchObject({ subject: 'developer' })
    expect(await ask(secret, out.trim(), 'lobby', 'publish')).toBe(false)
  })

  it.each([
    ['--for 30s', 30],
    ['--for 15m', 900],
    ['--for 1h', 3_600],
    ['--for 30d', 2_592_000],
    ['', 3_600],
  ])('ends it with "%s" as it says', (words, seconds) => {
    const { claims } = termsOf(`--can admin ${words}`, 1_000_500)
    expect(claims).toMatchObject({ iat: 1_000, exp: 1_000 + seconds })
  })

  it('names the audience and the issuer that the environment or the command line says', async () => {
    const env = { ...secret, EDGE_SSE_JWT_AUDIENCE: 'chat', EDGE_SSE_JWT_ISSUER: 'me' }
    const { out } = await token('--can admin', { env, cwd })
    expect(await ask(env, out.trim(), '', 'admin')).toMatchObject({ subject: 'developer' })
    const other = await token('--can admin --audience talk --issuer you', { env, cwd })
    expect(decodeJwt(other.out.trim())).toMatchObject({ aud: 'talk', iss: 'you' })
  })

  it('has nothing of .dev.vars in the line for people but a port', async () => {
    for (const [port, expected] of [
      ['3000', 3000],
      ['1;reboot\x1b[2J', 8787],
    ] as const) {
      writeFileSync(join(cwd, '.dev.vars'), `PORT="${port}"\n`)
      const { err } = await token('--can admin', { env: secret, cwd })
      expect(err).toContain(`\ncurl -N 'http://localhost:${expected}/metrics' -H`)
    }
  })

  it('signs with .dev.vars where the environment has no secret', async () => {
    writeFileSync(join(cwd, '.dev.vars'), `EDGE_SSE_JWT_SECRET="${JWT_SECRET}"\n`)
    const { out } = await token('--can admin', { cwd })
    expect(await ask(secret, out.trim(), '', 'admin')).toMatchObject({ subject: 'developer' })
  })

  it('signs with a secret of this machine where there is none, made once and for its owner alone', async () => {
    const both = await Promise.all([token('--can admin', { cwd }), token('--can admin', { cwd })])
    const made = readFileSync(kept(), 'utf8').trim()
    expect(made).toMatch(/^[\w-]{43}$/)
    expect(statSync(kept()).mode & 0o777).toBe(0o600)
    for (const { out } of [...both, await token('--can admin', { cwd })])
      expect(await ask({ EDGE_SSE_JWT_SECRET: made }, out.trim(), '', 'admin')).toMatchObject({ subject: 'developer' })
    expect(readFileSync(kept(), 'utf8').trim()).toBe(made)

    writeFileSync(kept(), 'guess\n')
    const { code, out, err } = await token('--can admin', { cwd })
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/holds fewer than 32 characters. Remove it for a new one/)
  })

  it.each([
    ['', '--can is missing: some of subscribe,publish,answer,admin'],
    ['--room lobby', '--can is missing: some of subscribe,publish'],
    ['--room lobby --can read', '--can holds "read", which is none of subscribe, publish'],
    ['--can subscribe,', '--can holds "", which is none of subscribe, publish, answer, admin'],
    ['--room lobby --can admin', '--can admin is about no room: leave --room out'],
    ['--room a*b --can subscribe', '--room "a*b" has a * that is not at its end'],
    ['--room ~job --can subscribe', '--room "~job": rooms that begin with ~ are the server\'s own'],
    ['--room .. --can subscribe', '--room ".." is no name of a room: 1 to 64 of A-Z a-z 0-9 . _ ~ -'],
    ['--can admin --for 1w', '--for "1w" is no time like 30s, 15m, 1h or 7d'],
    ['--can admin --for 0s', '--for "0s" is no time like'],
    ['--can admin --for 31d', '--for 31d is longer than 30d'],
    ['--can admin --for 999999999d', '--for 999999999d is longer than 30d'],
    ['--can admin --as=', '--as is empty'],
    ['--can admin --as a --as b', '--as is there twice'],
  ])('says what is wrong with "%s"', (words, state) => {
    expect(() => termsOf(words)).toThrow(`Cannot make token: ${state}`)
  })

  it.each([
    ['--room lobby --can admin', 'Cannot make token: --can admin is about no room: leave --room out'],
    ['--can', "Cannot run token: option '--can <value>' argument missing"],
    ['--can admin lobby', 'Cannot make token: unexpected argument lobby'],
    ['--can admin --rooms lobby', 'Cannot run token: there is no option --rooms, did you mean --room?'],
  ])('ends with 2 and nothing on stdout where "%s" is a mistake', async (words, mistake) => {
    const { code, out, err } = await token(words, { env: secret, cwd })
    expect([code, out]).toEqual([2, ''])
    expect(err).toBe(`${mistake}\nedge-sse token --help says how.\n`)
  })

  it.each([
    [{ EDGE_SSE_JWT_SECRET: 'short' }, 'EDGE_SSE_JWT_SECRET is shorter than 32 characters'],
    [{ EDGE_SSE_JWKS_URL: 'https://id.example/jwks.json' }, 'EDGE_SSE_JWKS_URL is set, so whoever has the keys'],
  ])('makes none that the app would refuse: %o', async (env, state) => {
    const { code, out, err } = await token('--can admin', { env, cwd })
    expect([code, out]).toEqual([1, ''])
    expect(err.startsWith(`Cannot make token: ${state}`), err).toBe(true)
  })
})
