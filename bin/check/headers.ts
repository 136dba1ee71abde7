/** What the head of the answer tells those on the way: caches, proxies, and the reader's HTTP. */
import { type Answer, header, listIn } from './answer.ts'
import { type Judgement, note, quoted, warning } from './finding.ts'

export function* headers(answer: Answer): Generator<Judgement> {
  const cache = header(answer, 'cache-control')
  const directives = listIn(cache).map((directive) => directive.split('=')[0])
  if (!directives.some((each) => each === 'no-cache' || each === 'no-store'))
    yield warning('cache-control', {
      what: cache === undefined ? 'There is no Cache-Control' : `Cache-Control is ${quoted(cache)}`,
      why: 'A cache on the way may keep the stream, and give it to whoever comes next',
      fix: 'Answer with `Cache-Control: no-cache, no-transform`, and `no-store` where it is personal',
    })
  if (header(answer, 'x-accel-buffering')?.toLowerCase() !== 'no')
    yield note('x-accel-buffering', {
      what: 'There is no `X-Accel-Buffering: no`',
      why: 'nginx, and what else knows the header, may collect an answer that does not carry it',
      fix: 'Send it, unless no proxy will ever be in front',
    })
  const length = header(answer, 'content-length')
  if (length !== undefined)
    yield warning('content-length', {
      what: `The length of the stream is told beforehand: ${quoted(length)}`,
      why: 'Whoever knows the length has all of it already: nothing of it was streamed',
      fix: 'Send the head and each event when it is there, without a Content-Length',
    })
  yield* framing(answer)
}

function* framing(answer: Answer): Generator<Judgement> {
  if (answer.flaw !== undefined)
    yield warning('framing', {
      what: `The body is no good HTTP, or not compressed as its head says: ${quoted(answer.flaw)}`,
      fix: 'Leave Transfer-Encoding and chunks to the HTTP server, and let one place compress',
    })
  if ((answer.headers.get('content-type')?.length ?? 0) > 1)
    yield warning('framing', {
      what: 'There are two Content-Type headers',
      why: 'Which one counts differs from reader to reader',
      fix: 'Send one',
    })
  const isFramed = answer.headers.has('transfer-encoding') || answer.headers.has('content-length')
  if (answer.httpVersion === '1.0' || !isFramed)
    yield note('framing', {
      what: `The answer is ${answer.httpVersion === '1.0' ? 'HTTP/1.0' : 'neither in chunks nor of a known length'}`,
      why: 'Its end is that of the connection: a stream that was cut cannot be told from one that is over',
      fix: 'Answer in chunks (HTTP/1.1), or over HTTP/2',
    })
}
