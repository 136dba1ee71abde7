// `npm run format` writes the table of runtimes into the README: from the flags that the tests assert, so that it is true.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Flags, Runtime } from '../test/runtimes/runtime.ts'
import { runtimes } from '../test/runtimes/runtimes.ts'

const WHAT: Record<keyof Flags, string> = {
  closedConnection: 'A reader closes its connection, on a quiet stream: noticed',
  waitingReader: 'A reader leaves that waits for an answer in one piece: noticed',
  halfClose: 'A reader sends no more and goes on reading: its stream',
  drain: 'A server that ends sends its readers to reconnect',
  lateRequest: 'A request that comes to it over a connection that was there',
  durable: 'Rooms outlive the process',
  http2: 'HTTP/2, with TLS',
  metrics: '`/metrics` for Prometheus',
  lengthOfStreams: 'A download has a `Content-Length`',
  endlessBody: 'A body that goes on after it was refused is',
  halfClosedBody: 'A body that ends early, from a client that waits for its answer',
  twoHosts: 'Two `Host` headers',
  headerControls: 'Control characters in a header',
}
const MARKS = { begin: '<!-- runtimes: written by `npm run format` -->', end: '<!-- /runtimes -->' }

/** The README with its table as the flags have it. */
export function withTable(readme: string): string {
  const before = readme.slice(0, readme.indexOf(MARKS.begin) + MARKS.begin.length)
  return `${before}\n${table()}\n${readme.slice(readme.indexOf(MARKS.end))}`
}

function table(): string {
  const all: Runtime[] = Object.values(runtimes)
  const reasons: string[] = []
  const cell = ({ flags, reasons: why }: Runtime, flag: keyof Flags): string => {
    const value = flags[flag] === true ? 'yes' : flags[flag] === false ? 'no' : flags[flag]
    const reason = why[flag]
    if (reason === undefined) return `${value}`
    if (!reasons.includes(reason)) reasons.push(reason)
    return `${value} (${reasons.indexOf(reason) + 1})`
  }
  const rows = (Object.keys(WHAT) as (keyof Flags)[]).map(
    (flag) => `| ${WHAT[flag]} | ${all.map((runtime) => cell(runtime, flag)).join(' | ')} |`,
  )
  return [
    `| | ${all.map(({ name }) => name).join(' | ')} |`,
    `|---${'|---'.repeat(all.length)}|`,
    ...rows,
    '',
    reasons.map((reason, index) => `(${index + 1}) ${reason}.`).join(' '),
  ].join('\n')
}

if (import.meta.main) writeFileSync('README.md', withTable(readFileSync('README.md', 'utf8')))
