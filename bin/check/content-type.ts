/** https://html.spec.whatwg.org/multipage/server-sent-events.html#text/event-stream */
import { type Answer, header } from './answer.ts'
import { error, type Judgement, quoted, warning } from './finding.ts'

export function* contentType(answer: Answer): Generator<Judgement> {
  const given = header(answer, 'content-type')
  const [type = '', ...parameters] = (given ?? '').split(';').map((part) => part.trim().toLowerCase())
  if (type !== 'text/event-stream')
    yield error('content-type', {
      what: given === undefined ? 'There is no Content-Type' : `The Content-Type is ${quoted(given)}`,
      why: 'EventSource takes text/event-stream alone: from anything else it turns away, and does not come back',
      fix:
        type === 'text/html' && isPage(answer)
          ? 'Check the URL: this is a page, and its stream has a URL of its own'
          : 'Answer with `Content-Type: text/event-stream`',
    })
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length)
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset))
    yield warning('content-type', {
      what: `The charset is ${quoted(charset)}`,
      why: 'An event stream is UTF-8 for every reader, whatever its header says',
      fix: 'Send UTF-8, and leave the charset out',
    })
}

/** PHP calls whatever it sends a page, where it is not told otherwise. */
const isPage = ({ wire: { lines, rest } }: Answer): boolean =>
  /^\s*</.test(lines.find(({ text }) => text.trim())?.text ?? rest.toString())
