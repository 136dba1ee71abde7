/** The demo pages as they are sent, wherever their files are. */
import { SseError } from '../errors.ts'
import { PAGE_HEADERS, PAGE_POLICY } from '../page-headers.ts'

/** Answers a request for a path below `demo/`. */
export type Pages = (request: Request) => Response | Promise<Response>

/** A demo page or one of its files: `/demo/room` is `room` of the folder. */
export async function demoPage(request: Request, pages: Pages): Promise<Response> {
  const url = new URL(request.url)
  url.pathname = url.pathname.replace(/^\/demo(?=\/|$)/, '')
  const response = await pages(new Request(url, request))
  if (response.status === 404) throw new SseError('not-found', 'Cannot answer: there is no such page')
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(PAGE_HEADERS)) headers.set(name, value)
  // The one page that shows another; who may frame that one, it says itself.
  if (url.pathname === '/html') headers.set('content-security-policy', `${PAGE_POLICY}; frame-src 'self'`)
  // The folder's own redirects (`/room.html` to `/room`) do not know where it stands.
  const location = headers.get('location')
  if (location?.startsWith('/')) headers.set('location', `/demo${location}`)
  return new Response(response.body, { status: response.status, headers })
}
