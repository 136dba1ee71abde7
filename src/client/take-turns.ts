/** Tabs that share a stream take turns: the one whose turn it is leads, that is, it reads, and tells the others. */
import type { ParsedMessage } from '../parse.ts'
import type { ConnectionState } from './connection-state.ts'
import type { Inbox } from './inbox.ts'
import type { StreamConnection } from './stream-connection.ts'
import { doing, endedBy, endingOf, type Word } from './tab-words.ts'
import { Tabs } from './tabs.ts'

/** A tab that takes part. */
export interface Sharer {
  readonly state: ConnectionState
  /** Of the last message that it has handed out. */
  lastEventId: string
  /** What it was told, and has not handed out. */
  readonly inbox: Inbox
  /** Set once there is nothing more to lead to. */
  readonly ended: { error?: unknown } | undefined
  end(ended: { error?: unknown }): void
  /** Takes over a state; where it `isAnswer`, to whichever tab, it may be no news. */
  tell(state: ConnectionState, isAnswer?: boolean): void
  /** Whether there is a place of its own to read on after. */
  mayResume(): boolean
  /** The stream after a message. */
  open(
    lastEventId: string,
    signal: AbortSignal,
    onState: (state: ConnectionState) => void,
  ): StreamConnection<ParsedMessage>
  /** Called when there may be something for it to do; `isHere` says that it may be where the others are. */
  look(isHere?: boolean): void
}

/**
 * Takes part until `signal` aborts; calls `began` whenever it is known whether the tab leads. Resolves when it does not any
 * more, nor ever will.
 */
export function takeTurns(name: string, tab: Sharer, signal: AbortSignal, began: () => void): Promise<void> {
  const { inbox } = tab
  /** After what the tab has told the others; undefined while it does not lead. */
  let told: string | undefined

  const answer = (): void => {
    if (told !== undefined) tabs.say(doing(tab.state, told))
  }

  const hear = ({ hello, who, state, cursor, heard, ended }: Word): void => {
    if (tab.ended) return
    if (hello) answer()
    if (who) tabs.say({ here: inbox.cursor })
    // Who leads knows better: one from which the turn was taken may still say how it was.
    if (state && told === undefined) tab.tell(state, true)
    if (cursor && !inbox.cursor) {
      inbox.begin(cursor)
      if (!tab.mayResume()) tab.lastEventId = cursor
    }
    if (heard) inbox.hear(heard)
    // Looked for only where it may be: what waits can be long.
    tab.look([inbox.cursor, heard?.after].includes(tab.lastEventId))
    if (ended) tab.end(endingOf(ended))
  }

  /** What is read for all may be further than this tab: what it was to begin with it reads on its own then. */
  const isElsewhere = (): void => {
    inbox.isBehind ||= !tab.ended && tab.mayResume()
    tab.look()
  }

  /** Reads for all tabs. */
  const lead = async (signal: AbortSignal): Promise<void> => {
    const own = inbox.cursor || tab.lastEventId
    let after = inbox.lowest([own, ...(await tabs.ask())])
    if (signal.aborted) return
    if (after !== own && !inbox.known.includes(after)) isElsewhere()
    told = after
    try {
      const leader = tab.open(after, signal, (state) => {
        if (state.phase === 'closed') return
        tab.tell(state)
        answer()
      })
      for await (const block of leader) {
        const cursor = leader.lastEventId
        told = cursor
        const word = { heard: { block, after, cursor } }
        tabs.say(word)
        hear(word)
        after = cursor
      }
      if (!signal.aborted) {
        // The turn is kept until all know: the next one would ask the server again.
        await tabs.ask({ ended: {} })
        tab.end({})
      }
    } catch (error) {
      await tabs.ask({ ended: endedBy(error) })
      tab.end({ error })
    }
    told = undefined
  }

  const tabs = new Tabs(name, hear)
  signal.addEventListener('abort', () => tabs.close())
  return tabs.compete(signal, lead, (isMine) => {
    if (!isMine) isElsewhere()
    began()
  })
}
