/** An answer onto stdout, as it is made. */
import { colour } from '../colour.ts'
import type { Terminal } from '../command.ts'
import { write } from '../output.ts'
import { printable } from '../printable.ts'
import type { Piece } from './answer.ts'

export interface AnswerPrinter {
  /** What was printed of the answer, to the letter. */
  readonly text: string
  /** Resolves when there is room for more. Throws when it is too long. */
  add(piece: Piece): Promise<void>
  end(isStopped: boolean): void
}

/** Characters: what is said in a session is kept, and a server may never end. */
const LONGEST = 8_388_608

export function answerPrinter(io: Terminal): AnswerPrinter {
  const { stdout } = io
  const isTerminal = stdout.isTTY === true
  let all = ''
  let isThinking = false
  let isAtStart = true
  const print = async (text: string): Promise<void> => {
    if (text === '') return
    isAtStart = text.endsWith('\n')
    await write(stdout, text)
  }
  // A file gets what the model said; a terminal would obey it.
  const safe = (text: string): string => (isTerminal ? printable(text, { lines: true }) : text)
  return {
    get text() {
      return all
    },
    async add({ text, thought }) {
      if (thought && isTerminal) {
        isThinking = true
        await print(colour(io, stdout, 'dim', safe(thought)))
      }
      if (!text) return
      if (isThinking && !isAtStart) await print('\n')
      isThinking = false
      all += text
      await print(safe(text))
      if (all.length > LONGEST) throw new Error('Cannot chat: the answer has no end. It is only a part')
    },
    end(isStopped) {
      if (!isAtStart) stdout.write('\n')
      if (isStopped && io.stderr.isTTY) io.stderr.write(colour(io, io.stderr, 'dim', '(stopped)\n'))
    },
  }
}
