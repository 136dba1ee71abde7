// One answer as it is read onto the page, from the question to its end, whatever becomes of the connection meanwhile.
import { answerMeter } from './answer-meter.js'
import { fateOf, storyOf } from './answer-story.js'
import { answerStream } from './answer-stream.js'
import { failureWords } from './failure-words.js'
import { bearer } from './token.js'
import { wireRequest } from './wire-request.js'

/** What the state is called here, where another word says more. */
const words = { live: 'Answering', connecting: 'Asking', refused: 'No right' }

/** Time between two changes of the figures, in milliseconds: more often nobody can read them. */
const calm = 200

/**
 * @param {object} parts
 * @param {ReturnType<import('./wire-lines.js').wireLines>} parts.wire
 * @param {ReturnType<import('./turn-view.js').turnView>} parts.view
 * @param {ReturnType<import('./chat-view.js').chatView>} parts.show
 * @param {import('./kept-chat.js').Turn} turn
 * @param {object} on
 * @param {(turn: import('./kept-chat.js').Turn) => void} on.change what is known of it
 * @param {(turn: import('./kept-chat.js').Turn) => void} on.over once
 * @param {(status: 401 | 403) => void} on.locked the server wants to know who asks; then it is to be resumed
 * @param {() => void} on.accepted
 * @param {() => void} on.resumed it is not cut any more
 * @param {{ isNew?: boolean, isCut?: boolean }} options as those of `answerStream`
 */
export function answerReading({ wire, view, show }, turn, on, options) {
  const meter = answerMeter(Boolean(options.isNew))
  let known = { state: 'connecting', isAsked: Boolean(turn.answer), tokens: 0 }
  let tries = 0
  let shownAt = 0
  let wantsStop = false
  let isOver = false

  function change(news) {
    turn = { ...turn, ...news }
    on.change(turn)
  }

  function tell(news) {
    const { tokens } = meter.figures
    known = { ...known, ...news, tokens }
    const { state, isAsked } = known
    const word = isAsked && state === 'connecting' ? 'Connecting' : words[state]
    if (wantsStop && state === 'live') show.state('live', 'Stopping')
    else show.state(state, word)
    show.tell(storyOf(known))
  }

  function onState(state, wait) {
    if (state === 'connecting') tries++
    const isAway = ['resuming', 'offline', 'busy', 'cut'].includes(state) || tries > 1
    if (isAway && state !== 'live' && (known.state === 'live' || !known.away)) {
      meter.pause()
      known.away = { state, tokens: meter.figures.tokens }
    }
    tell({ state, wait })
    if (wantsStop && !known.isAsked) giveUp()
  }

  /** Nobody waits for it any more. Whether the question has arrived is not known, so it keeps its key. */
  function giveUp() {
    if (!known.away) return
    stream.close()
    over({ state: 'unasked', why: 'you did not wait for it' })
  }

  function over(news) {
    if (isOver) return
    isOver = true
    const { tokens, first = turn.first, rate } = meter.figures
    const { text, thought } = view
    turn = { ...turn, ...news, text, thought, tokens, first, rate }
    show.figures(turn)
    view.tell(turn.state, fateOf(turn))
    on.over(turn)
  }

  const stream = answerStream(
    wire,
    turn,
    {
      state: onState,
      known(answer) {
        on.accepted()
        change({ answer, state: 'running', body: undefined })
        tell({ isAsked: true })
        if (wantsStop) stop()
      },
      piece(piece) {
        view.add(piece)
        meter.count(piece.isLive)
        if (piece.seam === 'joined') tell({ isBack: true })
        const { tokens, first } = meter.figures
        if (tokens === 1 && first !== undefined) change({ first })
        if (performance.now() - shownAt < calm) return
        shownAt = performance.now()
        show.figures({ first: turn.first, ...meter.figures })
      },
      restart() {
        view.clear()
        meter.restart()
      },
      refused(refusal) {
        const { status, slug, wait } = refusal
        if (status === 401 || status === 403) {
          onState(status === 401 ? 'signed-out' : 'refused')
          return on.locked(status)
        }
        if (known.isAsked) return over({ state: 'failed', why: 'there is no such answer here, or not any more' })
        const when = wait ? `; it asks for a pause of ${Math.ceil(wait / 1000)} s` : ''
        over({ state: 'unasked', why: `${failureWords(slug, refusal.reason)}${when}`, isSpent: true })
      },
      end({ how, code, message, isCut }) {
        if (how === 'failed') over({ state: 'failed', why: failureWords(code, message) })
        else over({ state: how, isCut })
      },
    },
    options,
  )

  async function stop() {
    wantsStop = true
    tell({})
    if (!known.isAsked) return giveUp()
    try {
      await wireRequest(wire, `/chat/${turn.answer}`, { method: 'DELETE', headers: bearer() })
      // Its end comes as everything else of it does.
      if (known.state === 'cut') resume()
    } catch (error) {
      wantsStop = false
      if (isOver) return
      tell({})
      show.tell({ text: `It was not stopped. ${error.message}`, mood: 'bad' })
    }
  }

  function resume() {
    on.resumed()
    stream.resume()
  }

  if (options.isCut) onState('cut')
  return {
    key: turn.key,
    stop,
    resume,
    cut() {
      stream.cut()
      onState('cut')
    },
    /** Stops reading, without a word: the answer goes on. */
    close() {
      isOver = true
      stream.close()
    },
  }
}
