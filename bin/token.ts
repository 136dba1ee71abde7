// A token for development, that says who may do what: the claims are those of README, "Who may do what"
import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { SignJWT } from 'jose'
import { type Command, EXIT, UsageMistake } from './command.ts'
import { printable } from './printable.ts'
import { DEVELOPMENT_SECRET, developmentSecret } from './token/development-secret.ts'
import { TOKEN_OPTIONS, type TokenValues, tokenTerms } from './token/token-terms.ts'

/** Where `wrangler dev` and `npm start` read what is secret on this machine. */
const VARS = '.dev.vars'

export const token: Command = {
  name: 'token',
  summary: 'make a token for development, for a server that asks for tokens',
  usage: 'token [--room NAME]… --can ACTIONS',
  help: `The token alone is on stdout, so that TOKEN=$(edge-sse token …) holds it; what it is good for is on stderr. It is signed
with EDGE_SSE_JWT_SECRET, of the environment or of .dev.vars, and where there is none with ${DEVELOPMENT_SECRET} of this
folder, which is made on first use.

  --room NAME                 may be repeated, and may end in *: team-*. Without it --can is about no room
  --can ACTIONS               of a room subscribe, publish, answer; of none also admin. Several with commas
  --for TIME                  30s, 15m, 1h, 7d, at most 30d (1h)
  --as SUBJECT                whose it is (developer)
  --audience NAME             aud (EDGE_SSE_JWT_AUDIENCE, or edge-sse)
  --issuer NAME               iss (EDGE_SSE_JWT_ISSUER, or none)

Examples:
  edge-sse token --room lobby --can subscribe,publish --as ada --for 15m
  edge-sse token --can admin`,
  options: TOKEN_OPTIONS,
  async run({ values, positionals: [first], io }) {
    if (first !== undefined) throw new UsageMistake(`Cannot make token: unexpected argument ${printable(first)}`)
    const env = { ...(existsSync(VARS) && parseEnv(readFileSync(VARS, 'utf8'))), ...io.env }
    const { claims, sentence, curl } = tokenTerms(values as TokenValues, env)
    const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' })
    const signed = await jwt.sign(new TextEncoder().encode(secretOf(env)))
    io.stderr.write(`${sentence}\n${curl}\n`)
    io.stdout.write(`${signed}\n`)
    return EXIT.fine
  },
}

/** The one the app verifies with: that of the environment, else the one of this machine. */
function secretOf({ EDGE_SSE_JWT_SECRET: secret, ...env }: Record<string, string | undefined>): string {
  const other = ['EDGE_SSE_JWT_KEYS', 'EDGE_SSE_JWKS_URL', 'EDGE_SSE_JWT_ISSUERS'].find((name) => env[name])
  if (other) throw new Error(`Cannot make token: ${other} is set, so whoever has the keys makes them`)
  if (secret && secret.length < 32)
    throw new Error('Cannot make token: EDGE_SSE_JWT_SECRET is shorter than 32 characters')
  return secret || developmentSecret()
}
