// What one sees of a job: how far it is, its log, and how it went.
import { byId, element } from './element.js'
import { stateIndicator } from './state-indicator.js'
import { stickToBottom } from './stick-to-bottom.js'

/** Lines of the log kept on the page. */
const most = 500

export function jobView() {
  const showState = stateIndicator(byId('state'))
  const bar = byId('progress')
  const log = byId('log')
  const scroll = stickToBottom(log)
  const story = byId('story')

  return {
    state: showState,
    /** @param {{ done: number, of: number, percent: number }} progress */
    progress({ done, of, percent }) {
      bar.max = of
      bar.value = done
      byId('percent').textContent = `${percent} %`
      byId('steps-done').textContent = `${done} of ${of} steps`
    },
    line(text, className = '') {
      scroll.changing(() => {
        log.append(element('li', className, text))
        while (log.childElementCount > most) log.firstElementChild.remove()
      })
    },
    tell(text, mood = 'none') {
      story.dataset.mood = mood
      // Writing the same words again would make some screen readers say them again.
      if (story.textContent !== text) story.textContent = text
    },
    clear() {
      bar.max = 1
      bar.value = 0
      byId('percent').textContent = '0 %'
      byId('steps-done').textContent = '–'
      log.replaceChildren()
      this.tell('')
    },
  }
}
