// A chat as this browser keeps it: for a reload, and for a second window, which is told of what changes.
import { isAnswer } from './chat-address.js'

const prefix = 'edge-sse:chat:'
/** The ids of all that are kept, newest last. */
const list = 'edge-sse:chats'

/** What is kept: more would fill the few megabytes that a browser gives. */
const [mostChats, mostTurns] = [8, 60]

/**
 * A question and its answer.
 * @typedef {object} Turn
 * @property {string} key the Idempotency-Key under which it is asked
 * @property {string} [question] unknown where another browser has asked it
 * @property {string} [model]
 * @property {'asking' | 'running' | 'done' | 'stopped' | 'failed' | 'unasked'} state
 * @property {string} [body] what is asked, to the letter, while it is not known to have arrived
 * @property {number} [at] when that was first tried, in milliseconds since 1970
 * @property {boolean} [isSpent] its key was answered: to ask once more takes another
 * @property {string} [answer] the id of its answer
 * @property {string} [text] the whole answer, once it is over
 * @property {string} [thought]
 * @property {string} [why] it failed, or was not asked
 * @property {boolean} [isCut] the model has come to its limit
 * @property {number} [tokens]
 * @property {number} [first] milliseconds to the first token
 * @property {number} [rate] tokens a second
 */

/**
 * @param {string} id
 * @param {object} options
 * @param {() => void} options.onChange another window has changed it
 * @param {Turn} [options.otherwise] its only turn, where nothing of it is kept here
 */
export function keptChat(id, { onChange, otherwise }) {
  const kept = read(id) ?? []
  let turns = kept.length === 0 && otherwise ? [otherwise] : kept
  let isKept = true
  const heard = new AbortController()
  addEventListener(
    'storage',
    ({ key }) => {
      if (key !== prefix + id) return
      turns = read(id) ?? turns
      onChange()
    },
    { signal: heard.signal },
  )

  /** What the other window has added since is left as it is. */
  function change(changed) {
    const stored = isKept ? read(id) : undefined
    turns = changed(stored?.length ? stored : turns).slice(-mostTurns)
    isKept = write(prefix + id, turns) && note(id)
  }

  return {
    id,
    /** @returns {readonly Turn[]} oldest first */
    get turns() {
      return turns
    },
    /** @param {Turn} turn takes the place of the one with its key, or of `instead`; else it is the newest */
    put(turn, instead = turn.key) {
      change((all) => {
        const isThere = all.some(({ key }) => key === instead)
        return isThere ? all.map((one) => (one.key === instead ? turn : one)) : [...all, turn]
      })
    },
    /** @param {string} key */
    remove: (key) => change((all) => all.filter((turn) => turn.key !== key)),
    /** This page is done with it. */
    leave: () => heard.abort(),
  }
}

/** Forgets all chats of this browser. */
export function forgetChats() {
  for (const id of ids()) erase(prefix + id)
  erase(list)
}

function note(id) {
  const all = [...ids().filter((one) => one !== id), id]
  for (const old of all.splice(0, all.length - mostChats)) erase(prefix + old)
  return write(list, all)
}

const ids = () => (parsed(list) ?? []).filter((id) => typeof id === 'string')

/** Undefined where nothing can be kept. Whatever else stands there is no turn. */
function read(id) {
  return parsed(prefix + id)
    ?.filter((turn) => typeof turn?.key === 'string' && typeof turn.state === 'string')
    .map(plain)
}

/** Without what is not what it has to be: other programs of this origin can write there too. */
function plain(turn) {
  const texts = ['question', 'model', 'body', 'answer', 'text', 'thought', 'why']
  const figures = ['at', 'tokens', 'first', 'rate']
  const isGood = ([name, value]) => {
    if (name === 'answer') return isAnswer(value)
    if (texts.includes(name)) return typeof value === 'string'
    return !figures.includes(name) || Number.isFinite(value)
  }
  return Object.fromEntries(Object.entries(turn).filter(isGood))
}

function parsed(name) {
  try {
    const value = JSON.parse(localStorage.getItem(name) ?? '[]')
    return Array.isArray(value) ? value : []
  } catch {
    return undefined
  }
}

function write(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value))
    return true
  } catch {
    // Without storage, or with no place left in it, a chat is kept until the page is loaded anew.
    return false
  }
}

function erase(name) {
  try {
    localStorage.removeItem(name)
  } catch {
    // What cannot be reached was not kept.
  }
}
