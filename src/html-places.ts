/** Where the values of a template stand. What is not known to be safe there is refused. */
import { SseError } from './errors.ts'
import { HtmlTokenizer, type State } from './html-tokenizer.ts'

export type Place =
  | { kind: 'text' | 'attribute' }
  /** In an address: `before` since its beginning or its last value, `after` it to its end where it is the last. */
  | { kind: 'url'; before: string; after: string | undefined }

const ADDRESSES = ['href', 'src', 'action', 'formaction', 'data', 'poster', 'cite', 'background', 'ping', 'xlink:href']
/** Attributes that are programs, styles or documents, and those that say what others mean. */
const PROGRAMS = /^(on.*|style|srcdoc|http-equiv|attributename)$/
/** Addresses of what a page runs or obeys: any of a stranger's is too many. */
const COMMANDS =
  /^(script (src|href|xlink:href)|link href|base href|object data|embed src|(set|animate\w*) (to|from|by|values))$/

/** Throws `cannot-encode` where a value stands where escaping is not enough. */
export function placesOf(template: TemplateStringsArray): Place[] {
  // A template of the source is frozen, and nothing that was parsed is: text cannot pass for one.
  if (!Object.isFrozen(template) || !Array.isArray(template.raw)) refuse('`html` is a tag of templates')
  const tokenizer = new HtmlTokenizer()
  const places: Place[] = []
  for (const [index, text] of template.entries()) {
    tokenizer.read(text)
    const next = template[index + 1]
    if (next !== undefined) places.push(placeOf(tokenizer, text, next, template))
  }
  if (tokenizer.state !== 'text') refuse('the template ends within a tag, a comment or an element that holds no markup')
  return places
}

function placeOf(
  { state, tag, name, quote }: HtmlTokenizer,
  text: string,
  next: string,
  template: readonly string[],
): Place {
  if (state === 'text' || state === 'text only') return { kind: 'text' }
  if (state !== 'value') return refuse(WHERE[state] ?? 'a value stands in a tag, outside of quotes')
  if (PROGRAMS.test(name)) refuse(`a value stands in the attribute ${name}`)
  if (COMMANDS.test(`${tag} ${name}`)) refuse(`a value stands in ${name} of ${tag}`)
  if (tag === 'meta' && name === 'content' && /http-equiv/i.test(template.join('')))
    refuse('a value stands in content of meta, in a template with http-equiv')
  if (!ADDRESSES.includes(name)) return { kind: 'attribute' }
  const end = next.indexOf(quote)
  return {
    kind: 'url',
    before: text.slice(text.lastIndexOf(quote) + 1),
    after: end < 0 ? undefined : next.slice(0, end),
  }
}

const refuse = (why: string): never => {
  throw new SseError('cannot-encode', `Cannot make HTML: ${why}`)
}

const WHERE: Partial<Record<State, string>> = {
  raw: 'a value stands in a script, a style or another element that decodes nothing',
  comment: 'a value stands in a comment',
  declaration: 'a value stands in a declaration',
  '<!': 'a value stands in a declaration',
  'before value': 'a value stands in an attribute without quotes',
  'bare value': 'a value stands in an attribute without quotes',
  '<': 'a value stands where a tag is named',
  '</': 'a value stands where a tag is named',
  'tag name': 'a value stands where a tag is named',
}
