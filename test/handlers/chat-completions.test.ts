import { expect, it } from 'vitest'
import server from '../../src/handlers/chat-completions.ts'

const ask = (path: string, init: RequestInit): Promise<Response> =>
  server.fetch(new Request(`http://localhost${path}`, { headers: { 'content-type': 'application/json' }, ...init }))

it('stops an answer for a DELETE alone, where nobody else looks at the method', async () => {
  const body = JSON.stringify({ model: 'offline?tokens=1000', messages: [{ role: 'user', content: 'hello' }] })
  const asked = await ask('/chat/stream', { method: 'POST', body })
  const answer = `/chat/${asked.headers.get('edge-sse-stream')}`
  const reader = asked.body?.getReader()
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT']) {
    const response = await ask(answer, { method })
    expect(response.status, method).toBe(200)
    await response.body?.cancel()
  }
  expect((await ask(answer, { method: 'DELETE' })).status).toBe(204)
  let text = ''
  for (let next = await reader?.read(); next?.value; next = await reader?.read())
    text += new TextDecoder().decode(next.value)
  expect(text).toContain('producer-stopped')
})
