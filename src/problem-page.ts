// GET /problems/:slug
/** What a problem means and what to do about it: the page that `type` of a problem response points at. */
import { SseError, type SseErrorCode } from './errors.ts'
import { PAGE_HEADERS } from './page-headers.ts'
import { PROBLEMS, problemResponse } from './problem.ts'

export function problemPage(request: Request): Response {
  const slug = new URL(request.url).pathname.split('/')[2] ?? ''
  const problem = Object.hasOwn(PROBLEMS, slug) ? PROBLEMS[slug as SseErrorCode] : undefined
  if (!problem) return problemResponse(new SseError('not-found', 'Cannot explain: there is no such problem'))
  // Every word of it is ours: nothing of the request is shown.
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${problem.title} · edge-sse</title>
<link rel="stylesheet" href="/demo/style.css">
<main class="problem">
<p><code>${problem.status} ${slug}</code></p>
<h1>${problem.title}</h1>
<p>${problem.help}</p>
<p><a href="/">edge-sse</a></p>
</main>
</html>
`
  return new Response(html, { headers: { ...PAGE_HEADERS, 'content-type': 'text/html; charset=utf-8' } })
}
