/** Who may do what: the contract of an access mode. */

/** `subscribe` is events, history and info; `answer` is anything that calls a model. */
export type Action = 'subscribe' | 'publish' | 'answer' | 'admin'

export interface Grant {
  /** On whose behalf the request acts. `''` where everybody is the same. */
  subject: string
  /** When the right ends, in milliseconds since 1970. */
  expires?: number
}

export interface Access {
  /** Looks at every request, pages included, before anything else; throws an `SseError` to refuse it. */
  admit?(request: Request): void
  /** False, or an `SseError` that says more, to refuse. */
  authorize(request: Request, room: string, action: Action): Grant | false | Promise<Grant | false>
}
