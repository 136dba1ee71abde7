// Messages on their way: each is kept, over a reload too, until the room has it, and then stands in it once.
import { backoff, pause } from './network.js'
import { publish } from './publish.js'

/** A room knows a key for ten minutes at least; a minute of them is left for the attempt itself. In milliseconds. */
const keyKnown = 9 * 60_000

/**
 * @typedef {object} Item
 * @property {string} key
 * @property {string} room
 * @property {string} name
 * @property {string} text
 * @property {number} [pressed] when Send was pressed, on the clock of `performance`; unknown after a reload
 * @property {boolean} [held] it could not be sent at once
 * @property {number} [tried] when it was first sent with this key
 * @property {number} [triedLast]
 * @property {boolean} [heard] somebody of that name said the same since it was first sent: most likely it is this one
 * @property {string} [id] the room has it
 * @property {string} [refused] why it will not be sent again by itself
 */

/**
 * @param {object} options
 * @param {() => void} options.onChange
 * @param {(lacks: 'signed-out' | 'refused') => void} options.onLack there is no good token, or no right to speak
 * @param {(item: Item) => boolean} options.onPublished the room has it; says whether the page has no more need of it
 * @param {(item: Item) => ReturnType<typeof import('./send-once.js').sendOnce>} [options.attempt] sends it
 * @param {string} [options.place] where what waits is kept
 * @param {(id: string, at: string) => boolean} [options.isPast] whoever has read a room up to `at` has seen it
 */
export function outbox({
  onChange,
  onLack,
  onPublished,
  attempt = speak,
  place = 'edge-sse:outbox',
  isPast = (id, at) => seq(id) <= seq(at),
}) {
  let items = read(place)
  let sending = false
  let trouble
  let nap = new AbortController()
  const readUpTo = new Map()

  /** One after the other, in the order in which they were said. */
  async function send() {
    if (sending) return
    sending = true
    for (let item = next(), attempts = 0; item; item = next()) {
      const isFirst = item.tried === undefined
      item.triedLast = Date.now()
      item.tried ??= item.triedLast
      keep()
      const outcome = await attempt(item)
      trouble = outcome.mayHeal ? outcome.reason : undefined
      if (trouble) {
        for (const one of items) one.held ||= !one.id
        changed()
        if (outcome.lacks) {
          // It was not let in, so it has not arrived; it goes out when somebody has signed in.
          if (isFirst) item.tried = undefined
          onLack(outcome.lacks)
          break
        }
        nap = new AbortController()
        await pause(backoff(attempts++, outcome.wait), nap.signal)
        continue
      }
      attempts = 0
      if (outcome.id) {
        item.id = outcome.id
        if (onPublished(item)) items = items.filter((other) => other !== item)
      } else {
        item.refused = outcome.reason
        if (outcome.lacks) onLack(outcome.lacks)
      }
      changed()
    }
    sending = false
  }

  /** The oldest that is not sent, if it may be sent now. */
  function next() {
    const item = items.find(({ id, refused }) => !id && !refused)
    if (!item?.tried || Date.now() - item.tried < keyKnown) return item
    // Its key may be forgotten. Whether it had arrived, only those can tell who have read what was said since.
    if (!(readUpTo.get(item.room) > item.triedLast)) return undefined
    if (item.heard) item.refused = 'nobody answered in time, and it looks as if it had arrived'
    else item.tried = undefined
    changed()
    return next()
  }

  function changed() {
    keep()
    onChange()
  }

  function keep() {
    const unsaid = items.filter(({ id }) => !id)
    try {
      sessionStorage.setItem(place, JSON.stringify(unsaid, lasting))
    } catch {
      // Without storage a message is kept until the page is reloaded.
    }
  }

  function wake() {
    nap.abort()
    send()
  }

  return {
    /** @param {Pick<Item, 'room' | 'name' | 'text'>} what and whatever `attempt` needs besides */
    add(what) {
      items.push({ ...what, key: crypto.randomUUID(), pressed: performance.now(), held: Boolean(trouble) })
      changed()
      wake()
    },

    /** Those of a room that the page has not shown yet as said, oldest first. */
    of: (room) => items.filter((item) => item.room === room),

    /** Why what is not sent yet is not, if an attempt has failed. */
    get trouble() {
      return trouble
    },

    /** The page shows an event: by its id, or by what it says, it may be one of these. Says so. */
    shown({ room, id, from, text }) {
      const item = items.find(
        (one) => one.room === room && (one.id ? one.id === id : one.tried && one.name === from && one.text === text),
      )
      if (!item) return false
      if (item.id) items = items.filter((other) => other !== item)
      else item.heard = true
      onChange()
      return true
    },

    /** The page has read a room up to `at`, its newest id: what is said there up to it was shown, or is lost in a gap. */
    live(room, at) {
      readUpTo.set(room, Date.now())
      items = items.filter((item) => item.room !== room || !item.id || !isPast(item.id, at))
      onChange()
      wake()
    },

    /** Something has changed that lets what waits go out. */
    wake,

    /** Forgets what was not sent: whoever signs in next did not say it. */
    forget() {
      items = items.filter(({ id }) => id)
      trouble = undefined
      changed()
    },

    /** Gives up on a message, and gives its text back. */
    takeBack(item) {
      items = items.filter((other) => other !== item)
      changed()
      return item.text
    },
  }
}

/** As a message of the room. */
const speak = ({ room, name, text, key }) => publish(room, { event: 'chat', data: { from: name, text } }, key)

const seq = (id) => Number.parseInt(id, 10)

/** What a reload makes wrong is not kept. */
const lasting = (name, value) => (name === 'pressed' || name === 'heard' ? undefined : value)

function read(place) {
  try {
    // Whatever else stands there is no message.
    return JSON.parse(sessionStorage.getItem(place) ?? '[]').filter((item) => typeof item?.text === 'string')
  } catch {
    return []
  }
}
