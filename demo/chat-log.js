// The conversation on the page: its turns, oldest first, and the newest in sight while one is there.
import { fateOf, isOver } from './answer-story.js'
import { byId } from './element.js'
import { stickToBottom } from './stick-to-bottom.js'
import { turnView } from './turn-view.js'

export function chatLog() {
  const [box, list, newest] = ['turns-box', 'turns', 'newest'].map(byId)
  const views = new Map()
  const scroll = stickToBottom(box, (atBottom) => {
    if (atBottom) newest.hidden = true
  })
  newest.addEventListener('click', scroll.toBottom)

  function changing(change) {
    if (!scroll.changing(change)) newest.hidden = false
  }

  function put(turn, place) {
    const view = turnView(turn, changing)
    views.set(turn.key, view)
    place(view.line)
    byId('empty').hidden = true
    return view
  }

  function remove(key) {
    views.get(key)?.line.remove()
    views.delete(key)
    byId('empty').hidden = views.size > 0
  }

  return {
    of: (key) => views.get(key),
    /** @param {import('./kept-chat.js').Turn} turn */
    add: (turn) => put(turn, (line) => changing(() => list.append(line))),
    /** @param {string} key of the turn whose place it takes */
    replace(key, turn) {
      const old = views.get(key)
      views.delete(key)
      return put(turn, (line) => old.line.replaceWith(line))
    },
    remove,
    /**
     * Shows what it does not show yet, and no more what is gone.
     * @param {readonly import('./kept-chat.js').Turn[]} turns
     * @param {string} [except] the key of the one that is being read
     */
    follow(turns, except) {
      for (const key of views.keys()) if (key !== except && !turns.some((turn) => turn.key === key)) remove(key)
      for (const turn of turns) {
        const view = views.get(turn.key) ?? this.add(turn)
        if (turn.key === except || !isOver(turn) || view.line.dataset.state === turn.state) continue
        view.clear()
        view.add({ text: turn.text ?? '', thought: turn.thought ?? '' })
        view.tell(turn.state, fateOf(turn))
      }
    },
    /**
     * @param {string} [key] of the turn about which something can be done
     * @param {Record<string, () => void>} [offered] by what its button says
     */
    offer(key, offered) {
      for (const [each, view] of views) view.offer(each === key ? offered : {})
    },
    clear() {
      views.clear()
      list.replaceChildren()
      newest.hidden = true
      byId('empty').hidden = false
    },
    toEnd: scroll.toBottom,
    /** While an answer comes, a screen reader should not read each word of it aloud: it reads all of it at the end. */
    busy: (busy) => box.setAttribute('aria-busy', String(busy)),
  }
}
