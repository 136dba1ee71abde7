// `npm run token -- --room lobby --can subscribe,publish --for 1h`: a token for development. It alone is on stdout, so
// that TOKEN=$(npm run -s token -- …) holds it; what it is good for is on stderr.
import { existsSync } from 'node:fs'
import process from 'node:process'
import { SignJWT } from 'jose'
import { developmentSecret } from './development-secret.ts'
import { TokenMistake, tokenTerms } from './token-terms.ts'

if (existsSync('.dev.vars')) process.loadEnvFile('.dev.vars')

try {
  const { claims, sentence, curl } = tokenTerms(process.argv.slice(2), process.env)
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secretOf(process.env)))
  console.error(`${sentence}\n${curl}`)
  console.log(token)
} catch (error) {
  console.error((error as Error).message)
  if (error instanceof TokenMistake)
    console.error('Usage: npm run token -- [--room <name or prefix*>]… --can subscribe,publish [--for 1h] [--as ada]')
  process.exit(1)
}

/** The one the app verifies with: that of the environment, else the one of this machine. */
function secretOf({ EDGE_SSE_JWT_SECRET: secret, ...env }: NodeJS.ProcessEnv): string {
  const other = ['EDGE_SSE_JWT_KEYS', 'EDGE_SSE_JWKS_URL', 'EDGE_SSE_JWT_ISSUERS'].find((name) => env[name])
  if (other) throw new Error(`Cannot make token: ${other} is set, so whoever has the keys makes them`)
  if (secret && secret.length < 32)
    throw new Error('Cannot make token: EDGE_SSE_JWT_SECRET is shorter than 32 characters')
  return secret || developmentSecret()
}
