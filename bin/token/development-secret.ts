/** The secret that signs tokens on this machine where none is configured: made on first use, kept beside the rooms. */
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'

export const DEVELOPMENT_SECRET = '.edge-sse/jwt-secret'

/** Reads it, or makes it. Throws for one that could be guessed. */
export function developmentSecret(file: string = DEVELOPMENT_SECRET): string {
  const secret = (read(file) ?? make(file)).trim()
  if (secret.length < 32)
    throw new Error(
      `Cannot use the development secret: ${file} holds fewer than 32 characters. Remove it for a new one`,
    )
  return secret
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`Cannot use the development secret: ${file} cannot be read (${(error as Error).message})`)
  }
}

/** Written whole beside its place and put there at once: two scripts that start together have the same one. */
function make(file: string): string {
  const own = `${file}-${process.pid}`
  try {
    mkdirSync('.edge-sse', { recursive: true })
    writeFileSync(own, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 })
    linkSync(own, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new Error(`Cannot make the development secret: ${(error as Error).message}`)
  } finally {
    rmSync(own, { force: true })
  }
  return readFileSync(file, 'utf8')
}
