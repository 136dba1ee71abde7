// Messages on their way as lines below the history: where they will stand once the room has them.
import { element } from './element.js'

/**
 * @param {HTMLElement} list an `<ol>`
 * @param {(item: import('./outbox.js').Item) => void} onTakeBack
 * @returns {(items: import('./outbox.js').Item[], trouble?: string) => void} draws them
 */
export function pendingLines(list, onTakeBack) {
  const lines = new Map()

  function draw(item, trouble) {
    const { line, fate } = lines.get(item.key) ?? add(item)
    const state = item.id ? 'sent' : item.refused ? 'refused' : trouble ? 'waiting' : 'sending'
    // One that was heard while its answer is still on the way stands in the history already.
    line.hidden = Boolean(item.heard && !item.id && !item.refused)
    if (line.dataset.state === state) return
    line.dataset.state = state
    fate.textContent = item.id ?? (state === 'refused' ? 'not sent' : state)
    if (state !== 'refused') return
    const back = element('button', 'quiet', 'Take back')
    back.type = 'button'
    back.addEventListener('click', () => onTakeBack(item))
    line.append(back)
  }

  function add({ key, name, text }) {
    const line = element('li', 'line line-mine line-pending')
    const who = element('span', 'line-who')
    who.append(element('bdi', 'line-name', name), element('span', 'line-you', 'you'))
    const fate = element('code', 'line-id')
    line.append(who, element('p', 'line-text', text), fate)
    list.append(line)
    lines.set(key, { line, fate })
    return { line, fate }
  }

  return (items, trouble) => {
    const keys = new Set(items.map(({ key }) => key))
    for (const [key, { line }] of lines) {
      if (keys.has(key)) continue
      line.remove()
      lines.delete(key)
    }
    for (const item of items) draw(item, trouble)
  }
}
