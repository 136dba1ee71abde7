/**
 * A browser's tokenizer, as far as it takes to know where one is in a piece of markup.
 * https://html.spec.whatwg.org/multipage/parsing.html#tokenization
 */
import { SseError } from './errors.ts'

export type State =
  | 'text'
  | 'raw'
  | 'text only'
  | '<'
  | '</'
  | '<!'
  | 'declaration'
  | 'comment'
  | 'tag name'
  | 'tag'
  | 'name'
  | 'after name'
  | 'before value'
  | 'value'
  | 'bare value'

/** Elements whose content is no markup, and in which a browser decodes nothing. */
const RAW = ['script', 'style', 'xmp', 'iframe', 'noembed', 'noframes', 'plaintext']
/** The same, and it decodes. */
const TEXT_ONLY = ['title', 'textarea']
/** The longest end that is looked for is `</plaintext>`. */
const LONGEST_END = 12

export class HtmlTokenizer {
  /** Where it is. */
  state: State = 'text'
  /** The element whose tag or content it is in. */
  tag = ''
  #closing = false
  /** The last attribute of that tag, and the quote around its value. */
  name = ''
  quote = ''
  /** What was read of a comment, a declaration or a raw text. */
  #read = ''

  /** Goes on with more of the markup. */
  read(text: string): void {
    for (const character of text) this.#step(character)
  }

  #step(c: string): void {
    const space = /[\t\n\f\r ]/.test(c)
    switch (this.state) {
      case 'text':
        if (c === '<') this.state = '<'
        return
      case '<':
        this.#closing = false
        if (/[a-z]/i.test(c)) return this.#begin(c)
        if (c === '!') this.#enter('<!')
        else if (c === '/') this.state = '</'
        else if (c === '?') this.#enter('declaration')
        else if (c !== '<') this.state = 'text'
        return
      case '</':
        this.#closing = true
        if (/[a-z]/i.test(c)) return this.#begin(c)
        return this.#enter(c === '>' ? 'text' : 'declaration')
      case '<!':
        this.#read += c
        if (this.#read === '--') this.#enter('comment')
        else if (c === '>') this.#enter('text')
        else if (this.#read !== '-') this.#enter('declaration')
        return
      case 'declaration':
        if (c === '>') this.#enter('text')
        return
      case 'comment':
        if (c === '>' && /^-?$|--!?$/.test(this.#read)) return this.#enter('text')
        this.#read += c
        return
      case 'tag name':
        if (space || c === '/') this.state = 'tag'
        else if (c === '>') this.#endTag()
        else this.tag += c.toLowerCase()
        return
      case 'tag':
      case 'after name':
        if (c === '=' && this.state === 'after name') this.state = 'before value'
        else if (c === '>') this.#endTag()
        else if (c === '/') this.state = 'tag'
        else if (!space) {
          this.name = c.toLowerCase()
          this.state = 'name'
        }
        return
      case 'name':
        if (c === '=') this.state = 'before value'
        else if (c === '>') this.#endTag()
        else if (space || c === '/') this.state = space ? 'after name' : 'tag'
        else this.name += c.toLowerCase()
        return
      case 'before value':
        if (space) return
        if (c === '>') return this.#endTag()
        this.#enter(c === '"' || c === "'" ? 'value' : 'bare value')
        this.quote = c
        return
      case 'value':
        if (c === this.quote) this.state = 'tag'
        return
      case 'bare value':
        if (c === '>') this.#endTag()
        else if (space) this.state = 'tag'
        return
      default:
        return this.#rawText(c)
    }
  }

  #rawText(c: string): void {
    this.#read = (this.#read + c).slice(-LONGEST_END)
    // Within `<!--` a script may hold another one, and ends elsewhere.
    if (this.tag === 'script' && this.#read.endsWith('<!--'))
      throw new SseError('cannot-encode', 'Cannot make HTML: a script holds the beginning of a comment')
    const end = /<\/([a-z]+)([\t\n\f\r />])$/i.exec(this.#read)
    if (end?.[1]?.toLowerCase() !== this.tag) return
    this.#closing = true
    this.state = 'tag'
    if (c === '>') this.#endTag()
  }

  #enter(state: State): void {
    this.state = state
    this.#read = ''
  }

  #begin(letter: string): void {
    this.state = 'tag name'
    this.tag = letter.toLowerCase()
  }

  #endTag(): void {
    if (this.#closing) return this.#enter('text')
    this.#enter(RAW.includes(this.tag) ? 'raw' : TEXT_ONLY.includes(this.tag) ? 'text only' : 'text')
  }
}
