/** One publisher: a connection that is kept, and one POST at a time that waits for its answer. */
import { connect, type Socket } from 'node:net'

export class Publisher {
  readonly #socket: Socket
  readonly #head: string
  #answer = ''
  #answered: { resolve(): void; reject(error: Error): void } | undefined

  constructor(port: number, path: string) {
    this.#head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n`
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.setEncoding('latin1').on('data', (text: string) => this.#read(text))
    const broke = (error: Error): void => this.#answered?.reject(error)
    this.#socket.on('error', broke).on('close', () => broke(new Error('A publisher was closed')))
  }

  /** Resolves when the answer is there; rejects unless it is a 2xx. */
  publish(data: string): Promise<void> {
    const body = JSON.stringify({ data })
    return new Promise((resolve, reject) => {
      this.#answered = { resolve, reject }
      this.#socket.write(`${this.#head}content-length: ${body.length}\r\n\r\n${body}`)
    })
  }

  close(): void {
    this.#answered = undefined
    this.#socket.destroy()
  }

  #read(text: string): void {
    this.#answer += text
    const head = this.#answer.indexOf('\r\n\r\n') + 4
    if (head < 4) return
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#answer.slice(0, head))?.[1]
    if (length === undefined ? !this.#answer.endsWith('0\r\n\r\n') : this.#answer.length < head + Number(length)) return
    const answer = this.#answer
    const waiting = this.#answered
    this.#answer = ''
    this.#answered = undefined
    if (/^HTTP\/1\.1 2/.test(answer)) waiting?.resolve()
    else waiting?.reject(new Error(`A publish was answered ${answer.slice(0, 300)}`))
  }
}
