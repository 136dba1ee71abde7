/** What a running process asks of the system, call by call, and calls of it that fail or are its last. Linux only. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { TestContext } from 'vitest'

/** Not run without it, or where one process may not look into another. */
export async function needsStrace({ skip }: TestContext): Promise<void> {
  const target = spawn('sleep', ['60'])
  const refusal = await Strace.attach(target.pid as number, '-e', 'trace=none').then(
    (strace) => strace.detach().then(() => undefined),
    ({ message }: Error) => message,
  )
  target.kill()
  if (refusal !== undefined) skip(refusal)
}

/** A system call of the process, in the order in which they happened. */
export interface Call {
  name: string
  /** Everything that strace says of it. */
  text: string
  /** Place in the order where it began, and where it was over. */
  began: number
  ended: number
}

export class Strace {
  readonly #strace: ChildProcess
  readonly #folder: string
  readonly #gone: Promise<void>

  private constructor(strace: ChildProcess, folder: string, gone: Promise<void>) {
    this.#strace = strace
    this.#folder = folder
    this.#gone = gone
  }

  /** Resolves when it watches: every call from now on. `args` are strace's own (`-e …`). */
  static async attach(pid: number, ...args: string[]): Promise<Strace> {
    const folder = mkdtempSync(join(tmpdir(), 'edge-sse-strace-'))
    const output = ['-f', '-y', '-s', '8192', '-o', join(folder, 'calls')]
    const child = spawn('strace', [...output, ...args, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] })
    const gone = new Promise<void>((resolve) => {
      child.once('close', () => resolve())
      child.once('error', () => resolve())
    })
    let said = 'there is none'
    for await (const line of createInterface({ input: child.stderr as Readable })) {
      said = line
      if (line.includes('attached')) return new Strace(child, folder, gone)
    }
    await gone
    rmSync(folder, { recursive: true })
    throw new Error(`Cannot watch the process with strace: ${said}`)
  }

  /** Lets go of the process, which runs on, and gives what was seen. */
  detach(): Promise<Call[]> {
    this.#strace.kill('SIGINT')
    return this.over()
  }

  /** Resolves with what was seen when the process is dead. */
  async over(): Promise<Call[]> {
    await this.#gone
    const calls = callsIn(readFileSync(join(this.#folder, 'calls'), 'utf8'))
    rmSync(this.#folder, { recursive: true })
    return calls
  }
}

/** `<pid> <name>(…) = <result>`, or in two lines where another thread came between. */
function callsIn(text: string): Call[] {
  const calls: Call[] = []
  const unfinished = new Map<string, Call>()
  for (const [place, line] of text.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    const resumed = /^<\.\.\. (\w+) resumed>/.exec(rest)
    const name = /^(\w+)\(/.exec(rest)?.[1]
    const before = unfinished.get(thread)
    if (resumed && before) {
      before.ended = place
      before.text += rest.slice(resumed[0].length)
      unfinished.delete(thread)
    } else if (name) {
      const call = { name, text: rest, began: place, ended: place }
      calls.push(call)
      if (rest.endsWith('<unfinished ...>')) unfinished.set(thread, call)
    }
  }
  return calls
}
