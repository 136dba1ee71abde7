// What one sees of a chat besides what is said in it: the state of the connection, what is told of it, and figures.
import { endOf, idle, isOver } from './answer-story.js'
import { byId } from './element.js'
import { stateIndicator } from './state-indicator.js'

/** What the state is called when an answer is over: its colour and its word. */
const ends = {
  done: ['ended', 'Complete'],
  stopped: ['cut', 'Stopped'],
  failed: ['failed', 'Broke off'],
  unasked: ['failed', 'Not asked'],
}

export function chatView() {
  const story = byId('story')

  return {
    state: stateIndicator(byId('state')),
    /** No answer comes: how the newest one ended. @param {import('./kept-chat.js').Turn} [turn] */
    rest(turn) {
      const isEnd = turn && isOver(turn)
      this.state(...(isEnd ? ends[turn.state] : ['idle', 'Nothing asked']))
      this.tell(isEnd ? endOf(turn) : idle)
      this.figures(turn)
    },
    /** @param {{ text: string, mood: 'bad' | 'none' }} story */
    tell({ text, mood }) {
      story.dataset.mood = mood
      // Writing the same words again would make some screen readers say them again.
      if (story.textContent !== text) story.textContent = text
    },
    /** @param {{ tokens?: number, first?: number, rate?: number }} figures those that are known */
    figures({ tokens, first, rate } = {}) {
      byId('first').textContent = inTime(first)
      byId('rate').textContent = Number.isFinite(rate) ? rate.toFixed(rate < 10 ? 1 : 0) : '–'
      byId('tokens').textContent = tokens > 0 ? tokens.toLocaleString('en') : '–'
    },
  }
}

function inTime(milliseconds) {
  if (!Number.isFinite(milliseconds)) return '–'
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}
