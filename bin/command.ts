/** What a command of the command line is, and what it is given. Each is a file of its own, loaded when it is asked for. */
import type { Readable, Writable } from 'node:stream'
import type { ParseArgsConfig } from 'node:util'

/** The codes that every command ends with. `check` has two more of its own. */
export const EXIT = { fine: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const

export interface Command {
  name: string
  /** What it does, in one line of `edge-sse --help`. */
  summary: string
  /** What follows `edge-sse`, as `publish URL [TEXT…]`. */
  usage: string
  /** The rest of `edge-sse NAME --help`: each option, and examples. */
  help: string
  /** What its codes mean where it did what it was asked, for the help. Defaults to `0 fine`. */
  exits?: string
  /** As `parseArgs` wants them. `--help` is there without being named. */
  options: NonNullable<ParseArgsConfig['options']>
  /**
   * Gives the code to exit with. Throws a `UsageMistake` for what was asked wrongly; any other error is a failure, and
   * its message is said. Once `io.signal` has aborted, what it gives or throws no longer matters.
   */
  run(invocation: Invocation): Promise<number>
}

export interface Invocation {
  /** What was given of `options`: each a `string`, a `boolean`, or an array of those. */
  values: Values
  /** The words that are no option. */
  positionals: string[]
  io: Terminal
}

export type Values = Record<string, string | boolean | (string | boolean)[] | undefined>

/** Where a command reads and writes: a terminal, or pipes, each stream by itself. */
export interface Terminal {
  stdin: Readable & { isTTY?: boolean }
  stdout: Output
  stderr: Output
  env: Record<string, string | undefined>
  /** Aborts on Ctrl+C (SIGINT), SIGTERM and SIGHUP. */
  signal: AbortSignal
}

export type Output = Writable & { isTTY?: boolean; columns?: number }

/** A command line that asks for what there is not: exit code 2, with a word on where the help is. */
export class UsageMistake extends Error {}
