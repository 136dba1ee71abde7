/** What the environment says about how to listen. */
import { readFileSync } from 'node:fs'

export interface Settings {
  hostname: string
  /** 0: any that is free. */
  port: number
  /** PEM texts: then it speaks TLS, and HTTP/2 to who wants it. */
  tls: { cert: string; key: string } | undefined
  /** The file that keeps the rooms; without one they are in memory. */
  database: string | undefined
  /** Milliseconds over which readers are sent away when it stops. */
  drain: number
  /** Whether each request is logged, not only each refusal. */
  logsRequests: boolean
}

type Environment = Record<string, string | undefined>

const LOOPBACK = ['localhost', '127.0.0.1', '::1']

/** An error that is for the person who started this: its message says what to do. */
export class SettingsError extends Error {}

/**
 * `HOST` (127.0.0.1), `PORT` (8787), `TLS_CERT` and `TLS_KEY` (paths of PEM files), `EDGE_SSE_DATABASE` (a path),
 * `EDGE_SSE_DRAIN` (5,000 ms), `EDGE_SSE_LOG` (`refusals`; or `requests`). Throws a `SettingsError` for what is none of these, and for open access on an address that others reach.
 */
export function settingsFrom(env: Environment): Settings {
  const hostname = env.HOST ?? '127.0.0.1'
  if (env.EDGE_SSE_ACCESS === 'open' && !env.EDGE_SSE_SECRET && !LOOPBACK.includes(hostname))
    throw new SettingsError(`Cannot start: HOST is "${hostname}", and open to everyone it listens on this machine only.
Leave HOST unset, or choose a secret: EDGE_SSE_SECRET=…`)
  const { TLS_CERT: cert, TLS_KEY: key } = env
  if (!cert !== !key) throw new SettingsError('Cannot start: TLS needs both TLS_CERT and TLS_KEY, paths of PEM files')
  return {
    hostname,
    port: wholeNumber(env, 'PORT', 8787, 65_535),
    tls: cert && key ? { cert: pem('TLS_CERT', cert), key: pem('TLS_KEY', key) } : undefined,
    database: env.EDGE_SSE_DATABASE || undefined,
    drain: wholeNumber(env, 'EDGE_SSE_DRAIN', 5_000, 3_600_000),
    logsRequests: logsRequests(env.EDGE_SSE_LOG),
  }
}

function logsRequests(text: string | undefined): boolean {
  if (text && text !== 'requests' && text !== 'refusals')
    throw new SettingsError('Cannot start: EDGE_SSE_LOG is neither `refusals` nor `requests`')
  return text === 'requests'
}

function wholeNumber(env: Environment, name: string, otherwise: number, most: number): number {
  const text = env[name] ?? String(otherwise)
  if (!/^\d{1,7}$/.test(text) || Number(text) > most)
    throw new SettingsError(`Cannot start: ${name} is "${text}", not a number from 0 to ${most}`)
  return Number(text)
}

function pem(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new SettingsError(`Cannot start: ${name} cannot be read (${(error as Error).message})`)
  }
}
