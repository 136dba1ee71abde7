// The pieces of one answer, over however many connections: the first may be the one that asks for it.
import { isAnswer } from './chat-address.js'
import { bearer } from './token.js'
import { wirePanel } from './wire-panel.js'
import { showAnswer } from './wire-request.js'

/** Errors of a stream, not of the answer that it brings: that goes on, and is read on. */
const cuts = ['stream-cut', 'internal-error']

/** Refusals of a question that pass by themselves; it is asked again under the same key. */
const passing = [408, 429, 500, 502, 503, 504]

/**
 * @typedef {object} Piece
 * @property {string} text
 * @property {string} thought what the model thinks before it answers
 * @property {'cut' | 'joined'} [seam] the reader was away before it, or came just now
 * @property {boolean} isLive it is said just now, not caught up
 *
 * @typedef {{ how: 'done' | 'stopped' | 'failed', code?: string, message?: string, isCut?: boolean }} Outcome
 */

/**
 * @param {ReturnType<import('./wire-lines.js').wireLines>} wire
 * @param {{ answer?: string, key: string, body?: string }} what its id, or what to ask under which key to get one
 * @param {object} on
 * @param {(answer: string) => void} on.known it has an id
 * @param {(piece: Piece) => void} on.piece
 * @param {(outcome: Outcome) => void} on.end once
 * @param {(refusal: import('./refusal.js').Refusal) => void} on.refused it is not asked or read any more, unless it is resumed
 * @param {() => void} on.restart what was read may lack something: all that is kept comes once more
 * @param {(state: string, wait?: number) => void} on.state
 * @param {{ isNew?: boolean, isCut?: boolean }} options `isNew`: it is asked just now, for the first time; `isCut`: not before
 *   it is resumed
 */
export function answerStream(wire, { answer, key, body }, on, { isNew = false, isCut = false }) {
  let id = answer
  /** How it ended. */
  let outcome
  let isLive = false
  let hasText = false
  /** How often it was asked, and how often that was answered. */
  let [asked, answered] = [0, 0]
  let finish
  let seam

  function end(how) {
    if (outcome) return
    outcome = how
    on.end(outcome)
  }

  const fail = ({ code, message }) => end({ how: code === 'producer-stopped' ? 'stopped' : 'failed', code, message })

  function chunk({ choices }) {
    const { delta, finish_reason: reason } = choices?.[0] ?? {}
    finish = reason ?? finish
    const [text, thought] = [
      textIn(delta?.content ?? delta?.refusal),
      textIn(delta?.reasoning_content ?? delta?.reasoning),
    ]
    if (text === '' && thought === '') return
    on.piece({ text, thought, isLive, seam })
    seam = undefined
    hasText = true
  }

  const events = {
    message(data) {
      if (data === '[DONE]') return end({ how: 'done', isCut: finish === 'length' })
      const value = parsed(data)
      if (!value?.error) chunk(value ?? {})
      else if (!cuts.includes(value.error.code)) fail(value.error)
    },
    'stream.live'() {
      if (hasText && answered === 1) seam ??= 'joined'
      isLive = true
    },
    'stream.gap'() {
      hasText = false
      seam = undefined
      on.restart()
    },
    'stream.error'(error) {
      // Without a run it is about this stream, which comes back.
      if (error?.run) fail(error)
    },
  }

  /** Asks while there is no id yet, and reads on once there is one. */
  function next() {
    if (id) return { path: `/chat/${id}/events`, headers: bearer() }
    const headers = { 'content-type': 'application/json', 'idempotency-key': key, ...bearer() }
    return { path: '/chat/stream', method: 'POST', headers, body }
  }

  function begun(answer) {
    if (!answer.ok) return
    answered++
    const told = answer.headers.get('edge-sse-stream') ?? ''
    if (hasText) seam = 'cut'
    // What is asked again may have been answered before.
    isLive = isNew && asked === 1
    if (id || !isAnswer(told)) return
    showAnswer(wire, answer)
    wire.show(`edge-sse-stream: ${told}`, 'header')
    id = told
    on.known(id)
  }

  return wirePanel(wire, next, {
    isCut,
    isOver: () => outcome && (outcome.how === 'done' || 'over, and not complete'),
    isFinal: (refusal) => !id && !passes(refusal),
    onAsk: () => asked++,
    onAnswer: begun,
    onEvent: ({ event, data }) => outcome || (Object.hasOwn(events, event) && events[event](data)),
    onState: (state, wait) => outcome || on.state(state, wait),
    onEnd(refusal) {
      if (refusal) on.refused(refusal)
      else end({ how: 'failed', message: 'its end is not kept any more' })
    },
  })
}

/** A model that has failed has failed under this key; who may use a server is not configured by waiting. */
const passes = ({ status, slug }) =>
  passing.includes(status) && !slug.startsWith('upstream-') && slug !== 'access-not-configured'

const textIn = (value) => (typeof value === 'string' ? value : '')

function parsed(data) {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
