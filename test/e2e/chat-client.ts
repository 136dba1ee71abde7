/**
 * The chat client of the package `ai`, as its bindings for React and others are made: their class over a state of one's own.
 * https://ai-sdk.dev/docs/reference/ai-sdk-ui/use-chat
 */
import { AbstractChat, type ChatInit, type ChatState, type ChatStatus, DefaultChatTransport, type UIMessage } from 'ai'

/** Milliseconds without anything new after which a wait is given up. */
const PATIENCE = 20_000

/** What a page would draw; tells of each change. */
class State implements ChatState<UIMessage> {
  readonly #changed: () => void
  #status: ChatStatus = 'ready'
  #error: Error | undefined
  #messages: UIMessage[]

  constructor(messages: UIMessage[], changed: () => void) {
    this.#messages = messages
    this.#changed = changed
  }

  get status(): ChatStatus {
    return this.#status
  }
  set status(status: ChatStatus) {
    this.#status = status
    this.#changed()
  }

  get error(): Error | undefined {
    return this.#error
  }
  set error(error: Error | undefined) {
    this.#error = error
    this.#changed()
  }

  get messages(): UIMessage[] {
    return this.#messages
  }
  set messages(messages: UIMessage[]) {
    this.#messages = messages
    this.#changed()
  }

  pushMessage = (message: UIMessage): void => {
    this.messages = [...this.#messages, message]
  }
  popMessage = (): void => {
    this.messages = this.#messages.slice(0, -1)
  }
  replaceMessage = (index: number, message: UIMessage): void => {
    this.messages = this.#messages.with(index, this.snapshot(message))
  }
  snapshot = <T>(thing: T): T => structuredClone(thing)
}

type Finish = Parameters<NonNullable<ChatInit<UIMessage>['onFinish']>>[0]

export class ChatClient extends AbstractChat<UIMessage> {
  /** Every status it was in, in order. */
  readonly statuses: ChatStatus[] = ['ready']
  /** How each answer ended. */
  readonly finishes: Omit<Finish, 'message' | 'messages'>[] = []
  readonly #waiting: Set<() => void>

  constructor({ messages = [], ...init }: ChatInit<UIMessage>) {
    const waiting = new Set<() => void>()
    const state = new State(messages, () => {
      if (this.statuses.at(-1) !== this.status) this.statuses.push(this.status)
      for (const wake of waiting) wake()
    })
    super({
      ...init,
      state,
      onFinish: (finish) => {
        const { message: _, messages: __, ...how } = finish
        this.finishes.push(how)
        init.onFinish?.(finish)
      },
    })
    this.#waiting = waiting
  }

  /** The text of the last answer, as far as it came. */
  get text(): string {
    return textOf(this.lastMessage?.role === 'assistant' ? this.lastMessage : undefined)
  }

  /** Resolves as soon as `condition` holds. */
  async until(what: string, condition: () => boolean): Promise<void> {
    while (!condition())
      await new Promise<void>((resolve, reject) => {
        const wake = (): void => {
          clearTimeout(timer)
          this.#waiting.delete(wake)
          resolve()
        }
        const timer = setTimeout(() => {
          const { status, error, messages } = this
          const last = JSON.stringify({ status, error: error?.message, last: messages.at(-1) })
          reject(new Error(`Cannot wait for ${what}: nothing came after ${last}`))
        }, PATIENCE)
        this.#waiting.add(wake)
      })
  }

  untilText(text: string): Promise<void> {
    return this.until(JSON.stringify(text), () => this.text === text)
  }
}

/** What its text parts say. */
export const textOf = (message: UIMessage | undefined): string =>
  message?.parts.map((part) => (part.type === 'text' ? part.text : '')).join('') ?? ''

/** `api` is where the app is. */
export const transport = (
  url: string,
  options: ConstructorParameters<typeof DefaultChatTransport<UIMessage>>[0] = {},
): DefaultChatTransport<UIMessage> => new DefaultChatTransport({ api: `${url}/api/chat`, ...options })
