/** Which methods and formats each path takes, and which right it needs. */
import type { Action } from '../access/access.ts'
import type { Handler } from '../handler.ts'
import { handler as chatRoom } from '../handlers/chat-room.ts'
import { handler as download } from '../handlers/download.ts'
import { handler as htmlPage } from '../handlers/html.ts'
import { handler as ndjson } from '../handlers/ndjson.ts'
import { handler as progress } from '../handlers/progress.ts'
import { handler as roomEvents } from '../handlers/room-events.ts'
import { handler as roomHistory } from '../handlers/room-history.ts'
import { handler as roomInfo } from '../handlers/room-info.ts'
import { handler as roomPublish } from '../handlers/room-publish.ts'
import { handler as roomPublishBatch } from '../handlers/room-publish-batch.ts'
import { handler as text } from '../handlers/text.ts'
import { handler as ticker } from '../handlers/ticker.ts'
import { problemPage } from './problem-page.ts'

export interface Endpoint {
  /** The right it needs, to the room in its path where there is one; null where everybody may. */
  right: Action | null
  /** Its answer may last: each is counted, and there may be too many. */
  streams?: true
  /** Handlers by the media type they answer with, the default first; for POST by that of the body. */
  answers: Record<string, Handler | Own>
}
/** What the app answers itself. */
export type Own = 'pages' | 'tickets' | 'metrics'

export const EVENTS = 'text/event-stream'
export const ANY = '*/*'

export const routes: Record<string, Record<string, Endpoint>> = {
  '/': { GET: { right: null, answers: { [ANY]: 'pages' } } },
  '/demo': { GET: { right: null, answers: { [ANY]: 'pages' } } },
  '/demo/*': { GET: { right: null, answers: { [ANY]: 'pages' } } },
  '/sse': { GET: { right: null, streams: true, answers: { [EVENTS]: ticker } } },
  '/html': { GET: { right: null, streams: true, answers: { 'text/html': htmlPage } } },
  '/text': { GET: { right: null, streams: true, answers: { 'text/plain': text } } },
  '/ndjson': { GET: { right: null, streams: true, answers: { 'application/x-ndjson': ndjson } } },
  '/download/:name': { GET: { right: null, streams: true, answers: { [ANY]: download } } },
  '/rooms/:room': { GET: { right: 'subscribe', answers: { 'application/json': roomInfo } } },
  '/rooms/:room/events': {
    GET: { right: 'subscribe', streams: true, answers: { [EVENTS]: roomEvents, 'application/x-ndjson': roomHistory } },
    POST: { right: 'publish', answers: { 'application/json': roomPublish, 'application/x-ndjson': roomPublishBatch } },
  },
  '/chat-room/:room/events': {
    GET: { right: 'subscribe', streams: true, answers: { [EVENTS]: chatRoom } },
    POST: { right: 'publish', answers: { 'application/json': chatRoom } },
  },
  '/tickets': { POST: { right: 'subscribe', answers: { 'application/json': 'tickets' } } },
  '/progress': { POST: { right: 'publish', answers: { 'application/json': progress } } },
  '/progress/:job': { DELETE: { right: 'publish', answers: { [ANY]: progress } } },
  '/progress/:job/events': { GET: { right: 'subscribe', streams: true, answers: { [EVENTS]: progress } } },
  '/metrics': { GET: { right: 'admin', answers: { [ANY]: 'metrics' } } },
  '/healthz': { GET: { right: null, answers: { [ANY]: () => Response.json({ status: 'ok' }) } } },
  '/problems': { GET: { right: null, answers: { [ANY]: problemPage } } },
  '/problems/:slug': { GET: { right: null, answers: { [ANY]: problemPage } } },
}
