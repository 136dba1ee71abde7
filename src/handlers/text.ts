// GET /text    ?name=
// Plain text as it is written, a word at a time: curl -N shows it come.
import { interval, type Standalone, standalone, textStream } from 'edge-sse'

const TEXT =
  'this text is written while you read it. Nobody holds it back until it is complete, and when you leave, so does its writer.'

// Any page may read it: it tells nothing that is not on every wall.
const headers = { 'access-control-allow-origin': '*' }

export const handler = (request: Request): Promise<Response> => {
  const name = new URL(request.url).searchParams.get('name') ?? 'Reader'
  return textStream(
    request,
    async function* ({ signal }) {
      const clock = interval(300, signal)
      yield `${name},`
      for (const word of TEXT.split(' ')) {
        if ((await clock.next()).done) return
        yield ` ${word}`
      }
      yield '\n'
    },
    { headers },
  )
}

const server: Standalone = standalone(handler)
export default server
