/** A model's server: says so many tokens, one every so many milliseconds, as its model is called (`2000/5`). Says its port when it listens. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-0123456789abcdef01234567',
    object: 'chat.completion.chunk',
    created: 1_795_000_000,
    model: 'measured-model-2026-11-01',
    system_fingerprint: 'fp_0123456789',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  })}\n\n`
const TOKEN = chunk({ content: ' token' })
const END = `${chunk({}, 'stop')}data: [DONE]\n\n`

const server = createServer(async (request, response) => {
  const { model } = (await json(request)) as { model: string }
  const [tokens = 0, pace = 0] = model.split('/').map(Number)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.socket?.setNoDelay(true)
  let said = 0
  const began = performance.now()
  const say = (): void => {
    // As many as are due, so that a timer that is late says two: the pace is that of the model, not of this process.
    const due = Math.min(tokens, 1 + Math.floor((performance.now() - began) / pace))
    while (said < due) {
      response.write(TOKEN)
      said++
    }
    if (said === tokens) response.end(END)
    else timer = setTimeout(say, pace)
  }
  let timer = setTimeout(say, 0)
  response.on('close', () => clearTimeout(timer))
}).listen(0, '127.0.0.1', () => console.log(`listening on ${(server.address() as AddressInfo).port}`))
