/** What `listen` says of the connection, on stderr. */
import type { ConnectionState } from 'edge-sse/client'
import { colour, type Style } from '../colour.ts'
import type { Terminal } from '../command.ts'
import { spoken } from '../duration.ts'
import { write } from '../output.ts'
import { printable } from '../printable.ts'
import { troubleOf } from '../trouble.ts'
import type { Printed } from './line.ts'

export interface Narrator {
  state(state: ConnectionState, lastEventId: string): void
  /** An event of edge-sse's own. Resolves when there is room for more: a server may say such things without end. */
  own(event: Printed): Promise<void>
  /** Nobody comes back: because the server says that there is no more (`isOver`), or because it would be to ask again. */
  ended(isOver: boolean): Promise<void>
}

export function narrator(io: Terminal, isQuiet: boolean): Narrator {
  const say = (style: Style, text: string): Promise<void> =>
    write(io.stderr, `${colour(io, io.stderr, style, printable(text, { atMost: 1_000 }))}\n`)
  let phase: ConnectionState['phase'] | undefined
  return {
    state(state, lastEventId) {
      if (isQuiet) return
      const isNew = phase !== state.phase
      phase = state.phase
      if (state.retryAt !== undefined) {
        const wait = spoken(Math.max(0, state.retryAt - Date.now()))
        void say('yellow', `${troubleOf(state)}; again in ${wait}${lastEventId && `, after ${lastEventId}`}`)
      } else if (phase === 'live' && isNew) void say('green', 'Connected')
      else if (phase === 'connecting' && state.attempt === 0) void say('dim', 'Connecting')
    },
    async own({ event, data }) {
      // That messages are missing is said to whoever wants to hear of errors alone. An error is, where it is the end.
      if (event === 'stream.presence' || (isQuiet && event !== 'stream.gap')) return
      const isTrouble = event === 'stream.gap' || event === 'stream.error'
      await say(isTrouble ? 'yellow' : 'dim', `${event} ${data}`)
    },
    async ended(isOver) {
      if (!isQuiet) await say('dim', isOver ? 'The server says that there is no more' : 'The stream ended')
    },
  }
}
