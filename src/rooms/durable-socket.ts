/** A reader as a room's object sees it: the hibernatable WebSocket to the Worker that holds its stream. */
import { type Page, UNKNOWN_PROTOCOL } from './bridge.ts'
import type { Link } from './subscribers.ts'

/** Somebody who acts in a room. */
export interface Who {
  subject: string
}

/** What must outlive the object's sleep is attached to the socket. */
export class SocketLink implements Link {
  readonly who: Who
  /** The turn it was live under when the object last slept. */
  readonly turn: number
  readonly #socket: WebSocket

  constructor(socket: WebSocket, subject?: string) {
    this.#socket = socket
    const attached: { turn: number; subject: string } | null = socket.deserializeAttachment()
    this.turn = attached?.turn ?? 0
    this.who = { subject: subject ?? attached?.subject ?? '' }
    if (!attached) this.attach(0)
  }

  receive(turn: number, page: Page): boolean {
    try {
      this.#socket.send(page.encode(turn))
      return true
    } catch {
      // The socket is closing: its close event comes, and the reader's holder reconnects with its position.
      return false
    }
  }

  attach(turn: number): void {
    this.#socket.serializeAttachment({ turn, subject: this.who.subject })
  }
}

/** A socket that says so: a status would not tell its holder that it is no use to try again. */
export const unknownProtocol = (): Response => {
  const { 0: client, 1: server } = new WebSocketPair()
  server.accept()
  server.close(UNKNOWN_PROTOCOL, 'unknown protocol')
  return new Response(null, { status: 101, webSocket: client })
}
