/** What an `EventSource` does, ours or a browser's: as data and functions that run in tests and in pages. */
type Listener = ((event: MessageEvent) => void) | { handleEvent(event: MessageEvent): void }

interface States {
  readonly CONNECTING: number
  readonly OPEN: number
  readonly CLOSED: number
}

/** What both are to code that uses them. */
export interface Source extends States {
  readonly url: string
  readonly readyState: number
  readonly withCredentials: boolean
  onopen: ((event: Event) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
  onerror: ((event: Event) => void) | null
  addEventListener(type: string, listener: Listener, options?: { once: boolean }): void
  removeEventListener(type: string, listener: Listener): void
  dispatchEvent(event: Event): boolean
  close(): void
}

export interface SourceClass extends States {
  new (url: string | URL, init?: { withCredentials?: boolean }): Source
  readonly prototype: Source
}

export interface Answer {
  status?: number
  type?: string
  body?: string
  /** The stream stays open after its body. */
  stays?: true
}

/** Opens one at the next answer. */
export type Open = (init?: { withCredentials?: boolean }) => Source

export interface EventSourceCase {
  name: string
  /** The section of the specification, or the file of web-platform-tests, that it is derived from. */
  source: string
  /** In order of the requests. After them there is 204. */
  answers: Answer[]
  /** What is seen, as JSON holds it. `url` is where `open` opens. */
  run(open: Open, url: string, Class: SourceClass): unknown
  expected: unknown
  /** The `Last-Event-ID` of each request. */
  asked?: string[]
  /** A listener throws, which is to be reported and no more. */
  throws?: true
}

export const stream = (body: string): Answer => ({ body })
export const staying = (body: string): Answer => ({ body, stays: true })

/** Writes down what happens to a source, until something does for the so-manieth time. */
export function logged(source: Source, until: string, count = 1): Promise<string[]> {
  const log: string[] = []
  return new Promise((resolve) => {
    const see = (line: string): void => {
      log.push(line)
      if (log.filter((each) => each.startsWith(until)).length < count) return
      source.close()
      resolve(log)
    }
    source.onopen = () => see(`open ${source.readyState}`)
    source.onmessage = ({ data, lastEventId }) => see(`message ${data} ${lastEventId}`.trim())
    source.onerror = () => see(`error ${source.readyState}`)
  })
}

/** The next event of a name. */
export const next = (source: Source, type: string): Promise<MessageEvent> =>
  new Promise((resolve) => source.addEventListener(type, resolve, { once: true }))
