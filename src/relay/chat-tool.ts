/** Answers in a room that lasts, for all who are there: what one asks, everybody sees, and the answer as it comes. */

import { byteLength } from '../byte-length.ts'
import { SseError } from '../errors.ts'
import type { Producers } from '../rooms/producer.ts'
import type { NewMessage } from '../rooms/room.ts'
import { AnswerLength } from './answer-length.ts'
import { type ChatMessage, type ChatRequest, parseRequest, textOfMessage } from './chat-request.ts'
import { parseChunk, textOf } from './chunk.ts'
import { merged } from './merged.ts'
import type { Models } from './model.ts'

/** Milliseconds of text in one event: a room keeps so many of them, and who joins wants to read what was said before. */
const TOGETHER = 50
/** Characters: an event holds 256 KiB, and some take three bytes, or six where JSON escapes them. */
const LONGEST_QUESTION = 32_768
/** Bytes of an answer as JSON: with what stands around it an event holds them, where all of it is said at the end. */
const LONGEST_ANSWER = 261_120

/** What has to be registered where rooms live, for answers to be said in them. */
export function chatProducers(models: Models): Producers {
  return {
    /**
     * Its input is a request as `formatRequest` makes it. Says `question` {id, role, name?, content}, `delta` {id, text} as it
     * comes, then a message {id, role, content} with all of it. What people can read counts: the text, also that of a refusal. An
     * answer that becomes longer than 255 KiB of JSON ends there with `upstream-too-large`, and one that ends without a text with
     * `upstream-incomplete`, whatever a model has thought, or which tools it has called: here nobody would run them.
     */
    async *chat(input, { signal, run: id }): AsyncGenerator<NewMessage, NewMessage | undefined> {
      const request = parseRequest(input as string)
      const { role, name, ...message } = request.messages.at(-1) as ChatMessage
      const content = textOfMessage({ role, ...message })
      yield {
        event: 'question',
        data: { id, role, ...(typeof name === 'string' && { name: name.slice(0, 64) }), content },
      }
      let whole = ''
      const asked = { ...request, messages: request.messages.map(withPlainName) }
      const chunks = models.find(request.model).ask(asked, { signal })
      for await (const text of merged(texts(chunks, signal), TOGETHER)) {
        whole += text
        yield { event: 'delta', data: { id, text } }
      }
      return { data: { id, role: 'assistant', content: whole } }
    },
  }
}

/** What everybody is to see: throws `invalid-parameter` where the last message is no question, `payload-too-large` for one that no event holds. */
export function checkQuestion(request: ChatRequest): ChatRequest {
  const last = request.messages.at(-1)
  if (last?.role !== 'user')
    throw new SseError('invalid-parameter', 'Cannot ask: the last message is not one of a `user`', {
      field: 'messages',
    })
  if (textOfMessage(last).length > LONGEST_QUESTION)
    throw new SseError('payload-too-large', `Cannot ask: the question is longer than ${LONGEST_QUESTION} characters`)
  return request
}

async function* texts(chunks: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  const length = new AnswerLength(LONGEST_ANSWER, '255 KiB')
  for await (const chunk of chunks) {
    const text = textOf(parseChunk(chunk))
    if (text === '') continue
    length.add(byteLength(JSON.stringify(text)) - 2)
    yield text
  }
  length.end(signal)
}

/** People have names that models refuse: at OpenAI one matches `^[^\s<|\\/>]+$`. */
function withPlainName({ name, ...message }: ChatMessage): ChatMessage {
  const plain = typeof name === 'string' ? name.replace(/[^\w-]+/g, '_').slice(0, 64) : ''
  return plain === '' ? (message as ChatMessage) : { ...message, name: plain }
}
