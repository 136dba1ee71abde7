/** A pseudo-terminal with the command line in it, and somebody who reads its screen and types. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { onTestFinished } from 'vitest'
import { EDGE_SSE, environment, type RunTerms } from './edge-sse.ts'

export interface Typist {
  /** All that was ever on the screen, escapes included. */
  screen(): string
  /** What was typed is echoed by whoever reads it. Ctrl+C is `\x03`. */
  type(text: string): void
  /** Resolves once the screen has shown it, after what was waited for before. */
  seen(what: string | RegExp): Promise<void>
  code: Promise<number | null>
}

/** util-linux and macOS call the same program and give it other words. */
const scriptArguments = (command: string): string[] =>
  process.platform === 'darwin' ? ['-q', '/dev/null', 'sh', '-c', command] : ['-qefc', command, '/dev/null']

/** `before`: a shell's words in front, such as `printf … |`. */
export function atTerminal(words: string[], { env, cwd }: RunTerms = {}, before = ''): Typist {
  const quoted = [...EDGE_SSE, ...words].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const child = spawn('script', scriptArguments(`stty cols 100 rows 30; ${before} ${quoted}`), {
    env: environment({ SHELL: '/bin/sh', ...env }),
    cwd,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let screen = ''
  let passed = 0
  const watchers = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    screen += piece
    for (const look of watchers) look()
  })
  const code = once(child, 'close').then(([code]) => code as number | null)
  const seen = (what: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): boolean => {
        const rest = screen.slice(passed)
        const found = typeof what === 'string' ? rest.indexOf(what) : (what.exec(rest)?.index ?? -1)
        if (found < 0) return false
        passed += found + (typeof what === 'string' ? what : (what.exec(rest)?.[0] ?? '')).length
        watchers.delete(look)
        resolve()
        return true
      }
      if (look()) return
      watchers.add(look)
      void code.then((code) => reject(new Error(`Ended with ${code} and never showed ${what}:\n${screen}`)))
    })
  return { screen: () => screen, type: (text) => void child.stdin.write(text), seen, code }
}
