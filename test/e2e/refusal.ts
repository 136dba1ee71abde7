/** What a refusal looks like from outside, and what must never be in one. */
import process from 'node:process'
import { expect } from 'vitest'
import { flags } from './launch.ts'
import type { RawResponse } from './raw-socket.ts'

/** Stands in every bad input where there is a place for it: no answer and no line of the log may hold it. */
export const CANARY = 'canary7f3'
export const SECRET = 'open-sesame-41'

export interface Refusal {
  status: number
  slug: string
}

export const as = (status: number, slug: string): Refusal => ({ status, slug })

/** What holds for the answer to every refusal; gives its `detail`. */
export function expectRefusal(response: RawResponse, { status, slug }: Refusal, toHead = false): string {
  const body = String(response.body)
  expect({ status: response.status, type: response.headers.get('content-type'), body }).toMatchObject({
    status,
    type: 'application/problem+json',
  })
  expect(response.headers.get('cache-control')).toBe('no-store')
  if (toHead) return ''
  const problem = JSON.parse(body)
  const text = expect.any(String)
  // What broke here is for the operator alone.
  const detail = slug === 'internal-error' ? {} : { detail: text }
  expect(problem).toEqual({ type: `/problems/${slug}`, title: text, status, ...detail, help: text })
  // No stack, no path, no secret, nothing of what was sent.
  expect(body).not.toMatch(/\bat .*:\d+|\.[jt]s\b|node_modules|\\n/)
  expect(body).not.toContain(process.cwd())
  expect(body).not.toContain(CANARY)
  expect(body).not.toContain(SECRET)
  return problem.detail
}

/** Control characters, which an HTTP parser may refuse before any handler runs; a tab is none of them. */
const CONTROLS = /(?![\t\r\n])\p{Cc}/u

/** Whether a request whose head holds `text` was refused by the runtime itself, where the flags say that it does so. */
export const isRefusedByRuntime = ({ headers }: RawResponse, text: string): boolean =>
  flags.headerControls !== '400' && CONTROLS.test(text) && headers.get('content-type') !== 'application/problem+json'

/** A line of the log as `<status> <slug> <path>`, of work that failed as `error <code>`; as it is where it is no line of ours. */
export function toLogEntry(line: string): string {
  try {
    const { level, slug, status, path, method, code } = JSON.parse(line)
    if (level === 'error' && code) return `error ${code}`
    return level === 'warn' && method ? `${status} ${slug} ${path}` : line
  } catch {
    return line
  }
}
