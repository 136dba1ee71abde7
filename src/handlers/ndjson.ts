// GET /ndjson
// Values as they are found, one JSON value a line: the first 20 primes, and when each was found.
import { interval, ndjsonStream, type Standalone, standalone } from 'edge-sse'

// Any page may read it: it tells nothing that is not on every wall.
const headers = { 'access-control-allow-origin': '*' }

export const handler = (request: Request): Promise<Response> =>
  ndjsonStream(
    request,
    async function* ({ signal }) {
      const primes: number[] = []
      for await (const now of interval(300, signal)) {
        let prime = (primes.at(-1) ?? 1) + 1
        while (primes.some((divisor) => prime % divisor === 0)) prime++
        primes.push(prime)
        yield { n: primes.length, prime, at: now.toISOString() }
        if (primes.length === 20) return
      }
    },
    { headers },
  )

const server: Standalone = standalone(handler)
export default server
