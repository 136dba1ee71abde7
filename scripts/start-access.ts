/** Whom `npm start` and `start:node`, `start:deno`, `start:bun` let in, what the app is told of it, and what a person. */
import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { DEVELOPMENT_SECRET, developmentSecret } from '../bin/token/development-secret.ts'
import { guardFrom } from '../src/access/from-environment.ts'
import { checkNames } from '../src/app/settings.ts'
import { authorize } from '../src/authorize.ts'
import { modelVars } from './model-vars.ts'
import { orExit } from './or-exit.ts'

type Environment = Record<string, string | undefined>

export interface StartAccess {
  /** The variables the app gets: ours that begin with `EDGE_SSE_`, and those of its models. */
  vars: Record<string, string>
  /** Who may use it, in words. */
  who: string
  /** How to get a token; undefined where none is needed, or none can be made here. */
  token: string | undefined
  /** What curl has to send besides, with a space before it. */
  header: string
}

export const LOOPBACK = ['localhost', '127.0.0.1', '::1']

/** What verifies tokens: with one of them set, they are asked for. */
const VERIFIERS = ['EDGE_SSE_JWT_SECRET', 'EDGE_SSE_JWT_KEYS', 'EDGE_SSE_JWKS_URL', 'EDGE_SSE_JWT_ISSUERS']
const MINT = 'npm run token -- --room lobby --can subscribe,publish --for 1h'

/**
 * Open where nothing is set. `EDGE_SSE_ACCESS=jwt` asks for tokens, by the development secret if by no other; the app
 * knows no such mode, and is given that secret. Throws with a text for the person who started it.
 */
export function startAccess(env: Environment, secretFrom: () => string = developmentSecret): StartAccess {
  const { EDGE_SSE_ACCESS: mode = '', ...others } = env
  if (!['', 'open', 'jwt'].includes(mode))
    throw new Error(`Cannot start: EDGE_SSE_ACCESS is "${mode}", and can be open or jwt`)
  const given = Object.entries(others).filter(([name, value]) => name.startsWith('EDGE_SSE_') && value)
  const set = Object.fromEntries(given) as Record<string, string>
  const verifier = VERIFIERS.find((name) => name in set)
  // Tickets are for this process alone: nobody else has to know what signs them.
  const guarded = { EDGE_SSE_TICKET_SECRET: randomUUID(), ...set }
  if (!verifier && mode !== 'jwt')
    return 'EDGE_SSE_SECRET' in set
      ? {
          vars: guarded,
          who: 'whoever sends EDGE_SSE_SECRET (from the environment or .dev.vars) as a bearer token',
          token: undefined,
          header: ' -H "authorization: Bearer $EDGE_SSE_SECRET"',
        }
      : { vars: { ...set, EDGE_SSE_ACCESS: 'open' }, who: 'open, to this machine only', token: undefined, header: '' }
  const besides = 'EDGE_SSE_SECRET' in set ? ', or EDGE_SSE_SECRET' : ''
  const tokens = { header: ' -H "authorization: Bearer $TOKEN"' }
  if (verifier) {
    const token = verifier === 'EDGE_SSE_JWT_SECRET' ? MINT : undefined
    return { vars: guarded, who: `whoever brings a token that ${verifier} verifies${besides}`, token, ...tokens }
  }
  const host = env.HOST ?? '127.0.0.1'
  if (!LOOPBACK.includes(host))
    throw new Error(`Cannot start: HOST is "${host}", and by the development secret it listens on this machine only.
Leave HOST unset, or choose a secret of at least 32 characters: EDGE_SSE_JWT_SECRET=…`)
  return {
    vars: { ...guarded, EDGE_SSE_JWT_SECRET: secretFrom() },
    who: `whoever brings a token, signed with the development secret (${DEVELOPMENT_SECRET})${besides}`,
    token: MINT,
    ...tokens,
  }
}

/** What a person wants to know once it listens at this URL: who may use it, and lines to try. */
export const startBanner = (url: string, { who, token, header }: StartAccess): string =>
  [
    `  access    ${who}`,
    ...(token
      ? [`  token     ${token}`, `            for the lines below: TOKEN=$(${token.replace('run', 'run -s')})`]
      : []),
    `  pages     ${url}/`,
    `  read      curl -N ${url}/rooms/lobby/events${header}`,
    `  publish   curl ${url}/rooms/lobby/events -H 'content-type: application/json'${header} -d '{"data":"hello"}'`,
  ].join('\n')

/** The same for a script, with the models that the app has; what is configured is good, or ends it. */
export const accessOrExit = (): Promise<StartAccess> =>
  orExit(async () => {
    checkNames(process.env)
    const { vars, ...access } = startAccess(process.env)
    await guardFrom(vars).access.check?.()
    // Ours come last: a key that is called as one of them takes no place of it.
    const told = { ...access, vars: { ...modelVars(process.env), ...vars } }
    return authorize ? { ...told, who: `as your rule in src/authorize.ts says, and else ${access.who}` } : told
  })
