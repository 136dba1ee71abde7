/** Who may do what: the contract of an access mode. */
import type { Grant } from '../grant.ts'
import type { Tickets } from './tickets.ts'

export type { Grant }

/** `subscribe` is events, history and info; `answer` is anything that calls a model. */
export type Action = 'subscribe' | 'publish' | 'answer' | 'admin'

export interface Access {
  /** Looks at every request, pages included, before anything else; throws an `SseError` to refuse it. */
  admit?(request: Request): void
  /**
   * Who asks, if it may. `room` is `''` for what is about no room. False to refuse, or an `SseError` that says more:
   * `unauthorized`, `malformed-request`, `origin-not-allowed`, `keys-unavailable`, `access-not-configured`.
   */
  authorize(request: Request, room: string, action: Action): Grant | false | Promise<Grant | false>
  /** Rejects with `access-not-configured` where it is a mistake of the operator that nobody gets in. */
  check?(): Promise<void>
  /** What makes tickets and takes them. Without it there are none. */
  tickets?: Tickets | undefined
}
