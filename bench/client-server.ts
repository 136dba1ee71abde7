/** An event stream as fast as a reader takes it, over a plain socket: `node client-server.ts`. The path says of what, and how many. */
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Bytes of a write. */
const WRITE = 65_536

const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n'

/** Messages by their number. */
const workloads: Record<string, (n: number) => string> = {
  token: (n) =>
    `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1795322970,"model":"m","choices":[{"index":0,"delta":{"content":" ${n}"},"finish_reason":null}]}\n\n`,
  room: (n) => `id: ${n}-3zjpqe\nevent: chat\ndata: {"from":"ada","text":"hello ${n}"}\n\n`,
}

const server = createServer((socket) => {
  socket.on('error', () => {}) // A reader that leaves is what every round ends with.
  socket.once('data', async (request) => {
    const [, workload = '', count = ''] = /^GET \/(\w+)\/(\d+)/.exec(request.toString('latin1')) ?? []
    const message = workloads[workload]
    if (!message) return socket.destroy()
    socket.write(head)
    let text = ''
    for (let n = 1; n <= Number(count) && !socket.destroyed; n++) {
      text += message(n)
      if (text.length < WRITE && n < Number(count)) continue
      if (!socket.write(text)) await Promise.race([once(socket, 'drain'), once(socket, 'close')])
      text = ''
    }
    socket.write('event: over\ndata: over\n\n')
  })
})
server.listen(0, '127.0.0.1', () => console.log(`listening on ${(server.address() as { port: number }).port}`))
