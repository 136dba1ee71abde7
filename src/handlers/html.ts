// GET /html    ?name=
// A page in pieces: planet after planet, in the order in which sunlight reaches them, one every 400 ms.
// Each piece closes what it opens, so that a page that is cut anywhere between two of them is whole as far as it goes.
import { html, htmlStream, interval, type Standalone, standalone } from 'edge-sse'

/** From the Sun, in millions of kilometres. */
const PLANETS = [
  ['Mercury', 57.9],
  ['Venus', 108.2],
  ['Earth', 149.6],
  ['Mars', 228],
  ['Jupiter', 778.5],
  ['Saturn', 1432],
  ['Uranus', 2867],
  ['Neptune', 4515],
] as const

/** Millions of kilometres a minute. */
const LIGHT = 17.9875

// Its style is in the page itself; nothing else is let in, nothing runs, and only pages of this site may frame it.
const headers = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
}

export const handler = (request: Request): Promise<Response> => {
  const name = new URL(request.url).searchParams.get('name') ?? 'traveller'
  return htmlStream(
    request,
    async function* ({ signal }) {
      const clock = interval(400, signal)
      yield html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sunlight for ${name}</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; overflow-wrap: anywhere }
section { border-top: 1px solid #8885; padding: .6rem 0; animation: rise .4s }
h2 { font-size: 1.1rem; margin: 0 }
p { margin: 0 }
meter { width: 100% }
@keyframes rise { from { opacity: 0; translate: 0 .5rem } }
@media (prefers-reduced-motion: reduce) { section { animation: none } }
</style>
<h1>Sunlight for ${name}</h1>
<p>It has just left the Sun. These are the planets in the order in which it reaches them.</p>
`
      for (const [planet, distance] of PLANETS) {
        if ((await clock.next()).done) return
        const minutes = (distance / LIGHT).toFixed(1)
        yield html`<section>
<h2>${planet}</h2>
<p>${distance} million km, ${minutes} minutes</p>
<meter min="0" max="4515" value="${distance}">${minutes} minutes</meter>
</section>
`
      }
      yield html`<p>That is all of it, ${name}: the page is complete.</p>\n`
    },
    { headers },
  )
}

const server: Standalone = standalone(handler)
export default server
