// What was asked and answered: questions that are answered at the same time stand side by side.
import { element } from './element.js'
import { stickToBottom } from './stick-to-bottom.js'
import { toolExchange } from './tool-exchange.js'

/** Rows kept on the page; the room itself may keep more. */
const most = 200

/** Questions in one row. */
const beside = 3

/** Time between two drawings of what has come, in milliseconds: one for each word would be slow where there are many. */
const calm = 30

/** What goes along with a question. */
const [mostAlong, mostText] = [12, 30_000]

/**
 * @param {HTMLElement} list an `<ol>`
 * @param {HTMLElement} box the `role="log"` around it, which scrolls
 * @param {HTMLElement} newest a button that shows up when there is something new below
 */
export function toolLog(list, box, newest) {
  const exchanges = new Map()
  /** Those with something to draw. */
  const grown = new Set()
  const scroll = stickToBottom(box, (atBottom) => {
    if (atBottom) newest.hidden = true
  })
  newest.addEventListener('click', scroll.toBottom)

  function changing(change) {
    const isSeen = scroll.changing(change)
    if (!isSeen) newest.hidden = false
    return isSeen
  }

  function append(row) {
    changing(() => {
      list.append(row)
      while (list.childElementCount > most) {
        for (const { dataset } of list.firstElementChild.children) exchanges.delete(dataset.id)
        list.firstElementChild.remove()
      }
    })
  }

  /** The row in which something is being answered, if it is the last and has a place. */
  function openRow() {
    const row = list.lastElementChild
    const there = [...(row?.children ?? [])].map(({ dataset }) => exchanges.get(dataset.id))
    return there.length < beside && there.some((exchange) => exchange?.isRunning) ? row : undefined
  }

  function begin(question) {
    const exchange = toolExchange(question)
    exchanges.set(question.id, exchange)
    const row = openRow()
    if (row) changing(() => row.append(exchange.box))
    else {
      const made = element('li', 'exchanges')
      made.append(exchange.box)
      append(made)
    }
    return exchange
  }

  function draw() {
    changing(() => {
      for (const exchange of grown) exchange.draw()
    })
    grown.clear()
  }

  const find = (id) => exchanges.get(id) ?? begin({ id })

  return {
    /** @param {{ id: string, name?: string, role?: string, content: string }} question */
    ask(question) {
      if (!exchanges.has(question.id)) begin(question)
    },
    grow(id, text) {
      const exchange = find(id)
      exchange.add(text)
      if (grown.size === 0) setTimeout(draw, calm)
      grown.add(exchange)
    },
    whole: (id, content) => changing(() => find(id).whole(content)),
    fail: (id, why) => changing(() => find(id).fail(why)),

    /** What somebody has said that is no question. */
    say({ id, event, from, text, raw }) {
      const line = element('li', 'line')
      const who = element('span', 'line-who')
      who.append(from ? element('bdi', 'line-name', from) : element('span', 'line-event', event))
      line.append(who, element('p', raw ? 'line-text line-raw' : 'line-text', text), element('code', 'line-id', id))
      append(line)
    },

    has: (id) => exchanges.has(id),

    /** The answer to a send can arrive after the question itself, so it may become ours later. */
    markMine: (id) => exchanges.get(id)?.markMine(),

    /** Whoever reads is away. */
    cut() {
      for (const exchange of exchanges.values()) if (exchange.isRunning) exchange.cut()
    },

    /** The last questions that were answered, with their answers, as a model takes them. */
    get messages() {
      const along = []
      let length = 0
      for (const { question, text, isRunning } of [...exchanges.values()].slice(-mostAlong).reverse()) {
        if (isRunning || !question || !text) continue
        length += question.length + text.length
        if (length > mostText) break
        along.unshift({ role: 'user', content: question }, { role: 'assistant', content: text })
      }
      return along
    },

    /** A place where the line is broken: `kind` is `away` or `gap`. Gives the element, to say more later. */
    mark(kind, text) {
      const mark = element('li', `mark mark-${kind}`)
      mark.append(element('span', 'mark-text', text))
      append(mark)
      return {
        say: (next) => scroll.changing(() => (mark.firstElementChild.textContent = next)),
        heal: () => mark.classList.add('mark-healed'),
        remove: () => mark.remove(),
      }
    },

    toEnd: scroll.toBottom,
    /** Runs what changes the height of things below, and keeps a reader at the end there. */
    changing: scroll.changing,
    /** While the past is being read in, a screen reader should not read all of it aloud. */
    busy: (busy) => box.setAttribute('aria-busy', String(busy)),
    clear() {
      exchanges.clear()
      list.replaceChildren()
      newest.hidden = true
    },
  }
}
