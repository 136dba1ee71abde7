/** What `edge-sse --help` and `edge-sse NAME --help` say. */
import type { Command } from './command.ts'
import { commands } from './commands.ts'

const FINE = '0 fine'
const OTHERS = `1 failed, and why is on stderr · 2 asked wrongly
130 Ctrl+C · 143 told to end · 129 its terminal was closed`

export function generalHelp(): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return `Server-Sent Events on the command line.

Usage: edge-sse COMMAND …

${commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

edge-sse COMMAND --help says more, with examples. edge-sse --version says which this is.

Answers are on stdout, everything else is on stderr. NO_COLOR=1 takes the colours away.
Exit codes: ${FINE} · ${OTHERS}
check also: 3 with warnings, 4 with errors
`
}

export function helpOf({ usage, summary, help, exits = FINE }: Command): string {
  return `Usage: edge-sse ${usage}\n\n${summary.charAt(0).toUpperCase()}${summary.slice(1)}.\n\n${help.trim()}\n\nExit codes: ${exits} · ${OTHERS}\n`
}
