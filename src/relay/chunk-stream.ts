/** The room of an answer as clients of chat completions read it: its chunks with ids that name the answer, and one end. */
import type { SseError } from '../errors.ts'
import type { EventStreamOptions } from '../event-response-stream.ts'
import { END_ID, formatBlock, formatId, formatMessage } from '../message.ts'
import { statusOf } from '../problem.ts'
import type { Page } from '../rooms/bridge.ts'
import { RoomStream } from '../rooms/room-stream.ts'
import { formatAnswerCursor } from './answer-cursor.ts'
import { lost, toldBy } from './answer-events.ts'
import { DONE } from './chunk.ts'
import { openaiError } from './openai-error.ts'

const encoder = new TextEncoder()
/** A page may hold hundreds of chunks: its text is looked through once, and written in one piece. */
const ID = '\nid: '
const LAST = `data: ${DONE}\n`
const NAME = 'event: '

/** What is said of a stream that is cut while its answer goes on, to who takes a silent end for a good one. */
const CUT = formatMessage({
  data: openaiError('stream-cut', 'The stream was cut here: resume it for what follows'),
})

export interface ChunkStreamOptions extends EventStreamOptions {
  /** The id of the answer. */
  answer: string
  /** Where the reader begins. */
  after: string
}

export class ChunkStream extends RoomStream {
  readonly #ids: string
  readonly #comesBack: boolean
  readonly #begin = Promise.withResolvers<SseError | undefined>()
  #over = false

  constructor(request: Request, { answer, after, headers, ...options }: ChunkStreamOptions) {
    // `EventSource` comes back by itself, and finds that nothing was lost.
    const comesBack = request.method === 'GET'
    super(request, { ...options, headers: { 'edge-sse-stream': answer } }, comesBack ? null : encoder.encode(CUT))
    this.#ids = `${ID}${formatAnswerCursor(answer, '')}`
    this.#comesBack = comesBack
    // A connection that is cut before the first chunk is no second question.
    this.enqueue(encoder.encode(formatId(formatAnswerCursor(answer, after))))
  }

  /** Resolves when the answer has begun, or has failed: with what of. */
  get begun(): Promise<SseError | undefined> {
    return this.#begin.promise
  }

  override put(page: Page): void {
    if (this.#over || this.expire()) return
    const { blocks } = page
    // Data never begins a line with `event:`, and no chunk has a name.
    const text = blocks.includes(NAME) ? this.#unnamed(blocks) : blocks.replaceAll(ID, this.#ids)
    if (text === '') return
    this.#begun(text, page.at)
    if (text.includes(LAST)) this.#finish()
  }

  override live(): void {}

  /** The room is closed: what ended the answer came before, unless its reader begins behind it. */
  override finish(): void {
    if (!this.#over) this.#say(lost(), END_ID)
  }

  override lost(): void {
    if (this.#over) return
    if (!this.#comesBack) this.enqueue(encoder.encode(CUT))
    this.#finish()
  }

  /**
   * The same without what a room says of itself; what it says of a failure as these clients know it. A line ends with LF
   * alone: for `^`, `$` and `.` it would with U+2028 too, which may stand in what a model says.
   */
  #unnamed(blocks: string): string {
    let text = ''
    for (const block of blocks.split('\n\n')) {
      if (block === '') continue
      const [, name] = /^event: ([^\n]*)/.exec(block) ?? []
      if (name === undefined) text += `${block.replaceAll(ID, this.#ids)}\n\n`
      else if (name === 'stream.error' || name === 'stream.gap') {
        if (text !== '') this.#begun(text)
        // What is lost stays lost: who comes back for it need not ask again.
        if (name === 'stream.gap') this.#say(lost(), END_ID)
        else {
          const id = /\nid: ([^\n]*)/.exec(block)?.[1]
          this.#say(toldBy(/\ndata: ([^\n]*)/.exec(block)?.[1] ?? ''), `${this.#ids.slice(ID.length)}${id}`)
        }
        return ''
      }
    }
    return text
  }

  #begun(text: string, at?: number): void {
    this.enqueue(encoder.encode(text), at)
    this.#begin.resolve(undefined)
  }

  #say(error: SseError, id: string): void {
    this.#begin.resolve(error)
    const data = openaiError(error.code, error.message, statusOf(error))
    this.enqueue(encoder.encode(formatBlock({ data, id })))
    this.#finish()
  }

  #finish(): void {
    this.#over = true
    this.#begin.resolve(undefined)
    this.stop() // Its reader in the room too.
    void this.close()
  }
}
