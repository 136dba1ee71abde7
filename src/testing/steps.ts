/** What a reader of messages does in one step, within its time, and what is said of a step that fails. */
import type { ParsedMessage } from '../parse.ts'
import { type ErrorDetails, ExpectationError, Patience, type WaitOptions } from './expectation.ts'
import { ItemStream, type ItemStreamOptions } from './item-stream.ts'
import { asValue, printable, saidBy, told } from './told.ts'

export interface MessageReaderOptions extends ItemStreamOptions, WaitOptions {
  /** Names of events that are passed over, `stream.presence` for one. Defaults to none. */
  ignore?: readonly string[] | undefined
}

/** Gives the next message, or comment where that is asked for; undefined at the end. */
export interface Read {
  (): Promise<ParsedMessage | undefined>
  (comments: 'comment'): Promise<ParsedMessage | string | undefined>
}

/** Messages and comments that one step reads at most: a stream that never ends is not kept in memory whole. */
export const MOST = 10_000
/** Comments that are kept, the newest. */
const COMMENTS = 1_000

/** The place of a reader in a stream. */
export class Steps {
  lastEventId = ''
  retry: number | undefined
  readonly comments: string[] = []
  readonly items: ItemStream
  readonly #timeout: WaitOptions
  readonly #ignore: readonly string[]
  #count = 0
  /** Messages that are ignored. */
  #passed = 0
  #last: ParsedMessage | undefined

  constructor(body: ReadableStream<Uint8Array>, { ignore = [], timeout, ...options }: MessageReaderOptions) {
    this.items = new ItemStream(body, options)
    this.#timeout = { timeout }
    this.#ignore = ignore
  }

  /** Runs `work`, which reads one thing after the other: `most` at most, and all of it within one `timeout`. */
  async run<Result>(what: string, work: (read: Read) => Promise<Result>, most: number = MOST): Promise<Result> {
    const patience = new Patience(this.#timeout, (milliseconds) => {
      return this.error(what, `it was not there after ${milliseconds / 1000} s`)
    })
    let left = most
    const tooMany = (): Error => this.error(what, `it is not among ${most} messages and comments`)
    const read = async (comments?: 'comment'): Promise<ParsedMessage | string | undefined> => {
      for (;;) {
        const item = await this.items.next(patience)
        if (!item) return this.#atTheEnd(what)
        if ('retry' in item) this.retry = item.retry
        else if ('lastEventId' in item) this.lastEventId = item.lastEventId
        else if (left-- === 0) throw tooMany()
        else if ('comment' in item) {
          this.comments.splice(0, this.comments.length - COMMENTS + 1)
          this.comments.push(item.comment)
          if (comments) return item.comment
        } else if (this.#ignore.includes(item.event ?? 'message')) this.#passed++
        else {
          this.#count++
          this.#last = item
          return item
        }
      }
    }
    try {
      return await work(read as Read)
    } finally {
      patience.end()
    }
  }

  /** Undefined where it is one: what breaks off does not end. */
  #atTheEnd(what: string): undefined {
    const { end } = this.items
    if (end?.how === 'broke off') throw this.error(what, `it broke off (${saidBy(end.error)})`, { cause: end.error })
  }

  /** For who wanted more. */
  ended(what: string, expected?: unknown): never {
    throw this.error(what, this.items.end?.how === 'left' ? 'its reader has left' : 'it ended', { expected })
  }

  /** For who wanted something else. Runners print `actual` beside `expected`: like it, and as harmless as the text. */
  other(what: string, actual: ParsedMessage | string, expected?: unknown): never {
    const { data } = Object(expected) as { data?: unknown }
    const isText = data === undefined || typeof data === 'string' || data instanceof RegExp
    const shown = (field: string, text: string): unknown =>
      field === 'data' && !isText ? asValue(text) : printable(text)
    const harmless =
      typeof actual === 'string'
        ? printable(actual)
        : Object.fromEntries(Object.entries(actual).map(([field, text]) => [field, shown(field, text)]))
    throw this.error(what, `${told(actual)} came`, { expected, actual: harmless }, actual === this.#last)
  }

  /** `isTold`: the last message is that which came, and does not count as one before it. */
  error(what: string, state: string, of: ErrorDetails = {}, isTold = false): Error {
    const last = isTold || !this.#last ? '' : `, the last ${told(this.#last)}`
    const comments = this.comments.length === 0 ? '' : ` and ${plural(this.comments.length, 'comment')}`
    const passed = this.#passed === 0 ? '' : ` (and ${this.#passed} ignored)`
    const before = `${plural(this.#count - (isTold ? 1 : 0), 'message')}${passed}${comments}`
    return new ExpectationError(`Cannot read ${what}: ${state}, after ${before}${last}`, of)
  }
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
