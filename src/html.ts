/** Markup in which values are text: https://html.spec.whatwg.org/multipage/parsing.html */
import { SseError } from './errors.ts'
import { type Place, placesOf } from './html-places.ts'

/** What `html` takes. Of a condition that is false nothing is left. */
export type HtmlValue = string | number | bigint | Html | false | null | undefined | readonly HtmlValue[]

// The only way to make one, and to see what is in it: nothing that looks like one passes for one.
let make: (markup: string) => Html
let markupOf: (value: object) => string | undefined

/** Markup that `html` made: no text of a stranger's can become one. `String(…)` gives it. */
export class Html {
  readonly #markup: string

  private constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }

  static {
    make = (markup) => new Html(markup)
    markupOf = (value) => (#markup in value ? value.#markup : undefined)
  }
}

/** Where a browser goes, and nothing it would run. */
const SCHEMES = ['http', 'https', 'mailto', 'tel']

/** Places by template: one is the same array each time it comes by. */
const known = new WeakMap<TemplateStringsArray, Place[]>()

/**
 * Makes markup in which every value is text: what it holds of `<`, `&` or quotes is shown, not obeyed. `Html` goes in as it
 * is, arrays piece by piece, `null`, `undefined` and `false` not at all.
 *
 * Throws `cannot-encode` where escaping would not be enough, whatever the value: in scripts, styles and comments, in names,
 * in attributes without quotes, in `on…`, `style` and `srcdoc`, in the address of what a page runs. In other addresses
 * (`href`, `src`, `action` …) it throws for a value that is not `http:`, `https:`, `mailto:`, `tel:` or relative: look at what
 * strangers give as an address first. A template closes the tags, quotes and comments it opens; elements may stay open.
 *
 * @example
 * ```ts
 * import { html } from 'edge-sse'
 * const names = ['Ada', '<b>Bob</b>']
 * const list = html`<ul>${names.map((name) => html`<li title="${name}">${name}</li>`)}</ul>`
 * console.log(String(list))
 * ```
 */
export function html(template: TemplateStringsArray, ...values: HtmlValue[]): Html {
  const places = known.get(template) ?? placesOf(template)
  known.set(template, places)
  let markup = template[0] as string
  let url = ''
  for (const [index, value] of values.entries()) {
    const place = places[index] as Place
    markup += render(value, place.kind) + template[index + 1]
    if (place.kind !== 'url') continue
    url += place.before + textOf(value)
    if (place.after === undefined) continue
    checkUrl(url + place.after)
    url = ''
  }
  return make(markup)
}

/** Text as markup that shows it, between tags and between quotes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** A piece of a page: markup as it is, text as text. */
export const htmlPiece = (piece: Html | string): string => render(piece, 'text')

const isList = (value: HtmlValue): value is readonly HtmlValue[] => Array.isArray(value)

function render(value: HtmlValue, kind: Place['kind']): string {
  if (isList(value)) return value.map((one) => render(one, kind)).join('')
  const markup = typeof value === 'object' && value !== null ? markupOf(value) : undefined
  if (markup === undefined) return escapeHtml(textOf(value))
  if (kind !== 'text') throw new SseError('cannot-encode', 'Cannot make HTML: there is markup in an attribute')
  return markup
}

function textOf(value: HtmlValue): string {
  if (isList(value)) return value.map(textOf).join('')
  if (value === null || value === undefined || value === false) return ''
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return String(value)
  throw new SseError('cannot-encode', 'Cannot make HTML: a value is neither text nor markup')
}

/** As a browser reads one: https://url.spec.whatwg.org/#concept-basic-url-parser */
function checkUrl(url: string): void {
  const [, scheme] = /^([a-z][a-z\d+.-]*):/i.exec(url.replace(/^[\0- ]+|[\t\n\r]/g, '')) ?? []
  if (scheme !== undefined && !SCHEMES.includes(scheme.toLowerCase()))
    throw new SseError(
      'cannot-encode',
      `Cannot make HTML: an address begins neither with ${SCHEMES.join(':, ')}: nor relative`,
    )
}
