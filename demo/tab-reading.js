// The room as one tab reads it: over one connection for all tabs, or over its own. Counts what is missing and what comes twice.
import { connect } from './client/client.js'
import { share } from './client/share.js'
import { refusalIn } from './refusal.js'
import { bearer } from './token.js'

/**
 * @param {string} room
 * @param {string} name of what all tabs share
 * @param {object} on
 * @param {(message: { id: string, event: string, data: string }) => void} on.message
 * @param {(readers: number) => void} on.readers
 * @param {(state: string) => void} on.state
 */
export function tabReading(room, name, on) {
  const url = `/rooms/${encodeURIComponent(room)}/events`
  const figures = { cursor: '', read: 0, missed: 0, twice: 0 }
  let connection
  /** How often it was begun or closed. */
  let turns = 0
  /** The place of the last message: the messages of a room are counted, without holes. */
  let last

  function count(id) {
    const place = Number.parseInt(id, 10)
    if (last !== undefined && place <= last) figures.twice++
    else {
      if (last !== undefined) figures.missed += place - last - 1
      last = place
    }
  }

  function take({ event, data, id }) {
    if (event === 'stream.presence') return on.readers(Number(Object(data).subscribers) || 0)
    // How many it was nobody knows: it is more than none.
    if (event === 'stream.gap') {
      figures.missed++
      last = undefined
    }
    if (event === 'stream.live') last ??= Number.parseInt(id, 10)
    if (event.startsWith('stream.') || !id) return
    count(id)
    figures.read++
    on.message({ id, event, data })
  }

  async function open(isShared) {
    const onState = ({ phase }) => connection === own && on.state(phase)
    const options = { headers: bearer(), lastEventId: figures.cursor, onState }
    const own = isShared ? share(url, { ...options, name }) : connect(url, options)
    connection = own
    try {
      for await (const message of own) {
        if (connection !== own) return
        figures.cursor = own.lastEventId
        take(message)
      }
      if (connection === own) on.state('ended')
    } catch (error) {
      if (connection !== own) return
      const { status } = refusalIn(error) ?? error
      on.state(status === 401 ? 'signed-out' : status === 403 ? 'refused' : 'failed')
    }
  }

  function close() {
    turns++
    const old = connection
    connection = undefined
    return old?.close()
  }

  return {
    figures,
    close,
    /** Reads on in this way, after the last message read. */
    async read(isShared) {
      const closed = close()
      const turn = turns
      await closed
      // Somebody may have changed their mind meanwhile.
      if (turn === turns) open(isShared)
    },
  }
}
