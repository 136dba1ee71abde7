// Which model is asked, and of the one that needs no network, how it answers: so that every failure can be seen.
import { element } from './element.js'
import { bearer } from './token.js'
import { wireRequest } from './wire-request.js'

/** What the offline model does, as it stands after its name. */
const ways = [
  ['as it comes', 'pace=60'],
  ['slowly', 'pace=300'],
  ['at length', 'tokens=900&pace=25'],
  ['thinks first', 'reasoning=1&pace=90'],
  ['breaks off', 'fail=reset&after=14&pace=90'],
  ['falls silent', 'fail=silence&after=14&pace=90'],
  ['fails', 'fail=error&after=14&pace=90'],
  ['is too busy', 'fail=rate-limited'],
  ['cannot be reached', 'fail=refused'],
]
const offline = 'offline'

/**
 * @param {HTMLSelectElement} models
 * @param {HTMLSelectElement} how for the offline model
 * @param {HTMLElement} field around it
 */
export function modelChoice(models, how, field) {
  let names = []
  how.replaceChildren(...ways.map(([words]) => element('option', '', words)))

  const show = () => {
    field.hidden = names[models.selectedIndex] !== offline
  }
  models.addEventListener('change', show)

  /** @param {string | undefined} name with the way it answers */
  function choose(name) {
    if (typeof name !== 'string') return
    const [base, way] = name.startsWith(`${offline}?`) ? [offline, name.slice(offline.length + 1)] : [name]
    const [at, index] = [names.indexOf(base), ways.findIndex(([, query]) => query === way)]
    if (at >= 0) models.selectedIndex = at
    if (index >= 0) how.selectedIndex = index
    show()
  }

  return {
    /**
     * Asks which there are. Rejects as `wireRequest` does.
     * @param {Pick<ReturnType<import('./wire-lines.js').wireLines>, 'show'>} [wire] shows it there
     */
    async load(wire = { show() {} }) {
      const answer = await wireRequest(wire, '/v1/models', { headers: bearer() })
      const text = await answer.text()
      wire.show(text.trimEnd(), 'json')
      wire.show('', 'end')
      const { chosen } = this
      names = namesIn(text)
      models.replaceChildren(...names.map((name) => element('option', '', name)))
      show()
      choose(chosen)
    },
    choose,
    /** Undefined where nobody knows yet: then the server chooses. */
    get chosen() {
      const name = names[models.selectedIndex]
      return name === offline ? `${offline}?${ways[how.selectedIndex][1]}` : name
    },
  }
}

function namesIn(answer) {
  try {
    return JSON.parse(answer).data.map(({ id }) => String(id))
  } catch {
    return []
  }
}
