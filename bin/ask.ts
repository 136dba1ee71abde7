/** Questions to a person at a terminal. */

import process from 'node:process'
import { createInterface } from 'node:readline/promises'
import { colour } from './colour.ts'
import type { Terminal } from './command.ts'

export interface Asker extends Disposable {
  /** A line of text, trimmed; what is asked again until `check` has nothing to say against it. */
  text(question: string, otherwise: string, check?: (given: string) => string | undefined): Promise<string>
  /** One of several, by its number or its name. */
  choice(question: string, choices: { name: string; note?: string }[]): Promise<string>
}

/** Only for who sits at a terminal (`canAsk`). Questions go to stderr. Rejects when the person leaves. */
export function asker(io: Terminal): Asker {
  const lines = createInterface({ input: io.stdin, output: io.stderr, terminal: true })
  // In its raw mode a terminal sends the key, and no signal.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  const gone = new Promise<never>((_, reject) =>
    lines.once('close', () => reject(new Error('Cannot ask: the input has ended'))),
  )
  gone.catch(() => {}) // Between two questions nobody waits for it.
  const question = async (text: string): Promise<string> =>
    (await Promise.race([lines.question(text, { signal: io.signal }), gone])).trim()
  const text: Asker['text'] = async (what, otherwise, check) => {
    for (;;) {
      const given = (await question(`${colour(io, io.stderr, 'bold', what)} (${otherwise}) `)) || otherwise
      const objection = check?.(given)
      if (objection === undefined) return given
      io.stderr.write(`${objection}\n`)
    }
  }
  return {
    text,
    async choice(what, choices) {
      const width = Math.max(...choices.map(({ name }) => name.length))
      for (const [index, { name, note = '' }] of choices.entries())
        io.stderr.write(`${`${index + 1}`.padStart(4)}  ${`${name.padEnd(width)}  ${note}`.trimEnd()}\n`)
      const chosen = (given: string): string | undefined =>
        choices.find(({ name }, index) => given === name || given === String(index + 1))?.name
      const given = await text(what, choices[0]?.name ?? '', (each) =>
        chosen(each) ? undefined : `It is a number from 1 to ${choices.length}, or a name`,
      )
      return chosen(given) ?? given
    },
    [Symbol.dispose]: () => lines.close(),
  }
}

/** Whether there is somebody to ask. */
export const canAsk = ({ stdin, stderr }: Terminal): boolean => stdin.isTTY === true && stderr.isTTY === true
