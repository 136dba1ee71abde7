/** Asks a model, and keeps what it says. */
import type { Chunk } from '../../src/relay/chunk.ts'
import type { Ask } from '../../src/relay/model.ts'
import type { ChatRequest } from '../../src/relay.ts'

export const asked = (content: string, more: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [{ role: 'user', content }],
  ...more,
})

export async function answered(
  ask: Ask,
  request: ChatRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for await (const text of ask(request, { signal })) chunks.push(JSON.parse(text))
  return chunks
}
