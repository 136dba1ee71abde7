// GET /problems and /problems/:slug
/** What problems mean and what to do about them: the pages that `type` of a problem response points at. */
import { SseError, type SseErrorCode } from '../errors.ts'
import { escapeHtml } from '../html.ts'
import { PAGE_HEADERS } from '../page-headers.ts'
import { problemResponse } from '../problem.ts'
import { PROBLEMS } from '../problems.ts'

/** The demo pages, as each of them lists them. */
const PAGES = ['Chat', 'Chat tool', 'Room', 'Tabs', 'Ticker', 'Progress', 'Text', 'HTML', 'NDJSON', 'Download']

export function problemPage(request: Request): Response {
  const slug = new URL(request.url).pathname.split('/')[2] ?? ''
  if (slug === '') return page('Problems', `<h1>Problems</h1>\n<ul class="problems">${list()}</ul>`)
  const problem = Object.hasOwn(PROBLEMS, slug) ? PROBLEMS[slug as SseErrorCode] : undefined
  if (!problem) return problemResponse(new SseError('not-found', 'Cannot explain: there is no such problem'))
  return page(
    problem.title,
    `<p class="label">${problem.status} ${slug}</p>
<h1>${problem.title}</h1>
<p class="lead">${withCode(problem.help)}</p>
<p><a href="/problems">All problems</a></p>`,
  )
}

const list = (): string =>
  Object.entries(PROBLEMS)
    .map(
      ([slug, { status, title }]) =>
        `<li><a href="/problems/${slug}">${title}</a> <span class="mono">${status} ${slug}</span></li>`,
    )
    .join('\n')

const withCode = (help: string): string => escapeHtml(help).replace(/`([^`]+)`/g, '<code>$1</code>')

/** Every word of it is ours: nothing of a request is shown. */
const page = (title: string, main: string): Response =>
  new Response(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · edge-sse</title>
<link rel="icon" href="/demo/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/demo/style.css">
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="site">
<a class="brand" href="/"><svg class="brand-mark" viewBox="0 0 40 16" aria-hidden="true"><path d="M1 8h15M22 8h.01" /><circle cx="32" cy="8" r="5" /></svg> edge-sse</a>
<button type="button" class="quiet menu" popovertarget="pages">Pages</button>
<nav id="pages" aria-label="Pages" popover>
${PAGES.map((name) => `<a href="/demo/${name.toLowerCase().replace(' ', '-')}">${name}</a>`).join('\n')}
</nav>
</header>
<main id="main" class="problem">
${main}
</main>
</body>
</html>
`,
    { headers: { ...PAGE_HEADERS, 'content-type': 'text/html; charset=utf-8' } },
  )
