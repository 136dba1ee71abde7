/** How long an answer has become: whoever passes it on says what counts of it, and how much is too much. */
import { SseError } from '../errors.ts'

export class AnswerLength {
  readonly #most: number
  readonly #inWords: string
  #bytes = 0

  /** `most`: bytes. */
  constructor(most: number, inWords: string) {
    this.#most = most
    this.#inWords = inWords
  }

  /** Before that is passed on. Throws `upstream-too-large` when it is too much. */
  add(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#most)
      throw new SseError('upstream-too-large', `Cannot answer: the answer is longer than ${this.#inWords}`)
  }

  /** When it is over. Throws `upstream-incomplete` where there was nothing, unless that is because nobody wanted it any more. */
  end({ aborted }: AbortSignal): void {
    if (this.#bytes === 0 && !aborted)
      throw new SseError('upstream-incomplete', 'Cannot answer: the model ended without having said anything')
  }
}
