/** Answers in a room that lasts, for all who are there: what one asks, everybody sees, and the answer as it comes. */

import type { Producers } from '../rooms/producer.ts'
import type { NewMessage } from '../rooms/room.ts'
import { type ChatMessage, parseRequest, textOfMessage } from './chat-request.ts'
import { parseChunk, textOf } from './chunk.ts'
import type { Models } from './model.ts'

/** What has to be registered where rooms live, for answers to be said in them. */
export function chatProducers(models: Models): Producers {
  return {
    /** Its input is a request as `formatRequest` makes it. Says `question` {id, role, name?, content}, `delta` {id, text} for each piece, then a message {id, role, content} with all of it. */
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
      for await (const chunk of models.find(request.model).ask(asked, { signal })) {
        const text = textOf(parseChunk(chunk))
        whole += text
        if (text !== '') yield { event: 'delta', data: { id, text } }
      }
      return { data: { id, role: 'assistant', content: whole } }
    },
  }
}

/** People have names that models refuse: at OpenAI one matches `^[^\s<|\\/>]+$`. */
function withPlainName({ name, ...message }: ChatMessage): ChatMessage {
  const plain = typeof name === 'string' ? name.replace(/[^\w-]+/g, '_').slice(0, 64) : ''
  return plain === '' ? (message as ChatMessage) : { ...message, name: plain }
}
