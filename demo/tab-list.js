// The tabs as lines below their server: a connection of its own, or what the tab that leads tells it.
import { element } from './element.js'

/** What the state of a tab is called beside its line. */
const words = {
  connecting: 'waits for a connection',
  resuming: 'reconnects',
  stalled: 'reconnects',
  closed: 'has left',
  'signed-out': 'asks for a token',
  refused: 'may not read',
  failed: 'cannot read',
  ended: 'the room is closed',
}

/** @param {HTMLOListElement} list */
export function tabList(list) {
  const rows = new Map()

  function rowOf(tab) {
    const known = rows.get(tab)
    if (known) return known
    const row = element('li', 'tab')
    const name = element('p', 'tab-name', `Tab ${tab}`)
    const role = element('p', 'tab-role')
    const parts = { row, role, name, cursor: element('code', 'tab-cursor'), read: element('p', 'tab-read') }
    row.append(name, role, parts.read, parts.cursor)
    rows.set(tab, parts)
    return parts
  }

  return {
    /**
     * @param {{ tabs: number[], leader?: number }} roll
     * @param {Map<number, import('./tab-talk.js').Report>} reports
     * @param {{ me: number, isShared: boolean }} how
     */
    draw({ tabs, leader }, reports, { me, isShared }) {
      for (const [tab, { row }] of rows)
        if (!tabs.includes(tab)) {
          row.remove()
          rows.delete(tab)
        }
      list.dataset.shared = String(isShared)
      const hasOwn = (tab) => !isShared || tab === leader
      const lastOwn = tabs.findLastIndex(hasOwn)
      for (const [index, tab] of tabs.entries()) {
        const { row, role, read, cursor } = rowOf(tab)
        if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null)
        const report = reports.get(tab)
        row.dataset.way = hasOwn(tab) ? 'own' : 'told'
        // How the line from the server runs here: past it, off to it, or to its end.
        row.dataset.rail = index > lastOwn ? 'none' : index === lastOwn ? 'end' : hasOwn(tab) ? 'turn' : 'pass'
        row.dataset.state = report?.state ?? 'connecting'
        row.classList.toggle('tab-leads', tab === leader)
        row.classList.toggle('tab-me', tab === me)
        const doing = words[row.dataset.state] ?? (tab === leader ? 'leads' : isShared ? 'is told' : 'reads alone')
        say(role, tab === me ? `${doing} · here` : doing)
        say(read, `${(report?.read ?? 0).toLocaleString('en')} read`)
        say(cursor, report?.cursor || '–')
      }
    },
  }
}

function say(target, text) {
  if (target.textContent !== text) target.textContent = text
}
