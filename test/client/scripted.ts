/** The scripted server as a test sees it, from whatever platform. */
import type { Answer, Ending, Seen } from './script.ts'

/** As it was before a test put another in its place. */
const { fetch } = globalThis
let scripts = 0

export interface Addresses {
  url: string
  other: string
}

export class Scripted {
  /** The same server at another port. */
  readonly other: string
  readonly #url: string
  readonly #id: string

  /** Resolves when the next attempts at `url` are answered so; those after them with 204. */
  static async play({ url, other }: Addresses, ...answers: Answer[]): Promise<Scripted> {
    const id = `${Date.now()}-${Math.random()}-${++scripts}`.replaceAll('.', '')
    const { status } = await fetch(`${url}/scripts/${id}`, { method: 'PUT', body: JSON.stringify(answers) })
    if (status !== 200) throw new Error(`Cannot play script: ${status}`)
    return new Scripted(url, other, id)
  }

  constructor(url: string, other: string, id: string) {
    this.#url = url
    this.#id = id
    this.other = `${other}/at/${id}`
  }

  get url(): string {
    return `${this.#url}/at/${this.#id}`
  }

  /** What was asked, once it was `least` times. */
  requests(least: number): Promise<Seen[]> {
    return this.#tell(`requests/${least}`)
  }

  /** How the answer of that index ended, once it did. */
  ending(index: number): Promise<Ending> {
    return this.#tell(`ending/${index}`)
  }

  /** Bytes of that answer that were taken, once no more are. */
  full(index: number): Promise<number> {
    return this.#tell(`full/${index}`)
  }

  /** Lets the script pass a gate. */
  release(): Promise<number> {
    return this.#tell('release')
  }

  async #tell<T>(what: string): Promise<T> {
    const response = await fetch(`${this.#url}/scripts/${this.#id}/${what}`, { cache: 'no-store' })
    return (await response.json()) as T
  }
}
