/** Which methods and formats each path takes, and which right it needs. */
import type { Action } from '../access/access.ts'
import type { Handler } from '../handler.ts'
import { handler as aiSdk } from '../handlers/ai-sdk.ts'
import { handler as completions } from '../handlers/chat-completions.ts'
import { handler as chatRoom } from '../handlers/chat-room.ts'
import { handler as chatTool } from '../handlers/chat-tool.ts'
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
  /** The room that it is about is named by `?room=`, and is this one where it is not. */
  roomInQuery?: string
  /** Its answer may last: each is counted, and there may be too many. */
  streams?: true
  /** Its answer is for pages of every site, and says so itself; a preflight has to say it too. */
  anyPage?: true
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
  '/sse': { GET: { right: null, streams: true, anyPage: true, answers: { [EVENTS]: ticker } } },
  '/html': { GET: { right: null, streams: true, answers: { 'text/html': htmlPage } } },
  '/text': { GET: { right: null, streams: true, anyPage: true, answers: { 'text/plain': text } } },
  '/ndjson': { GET: { right: null, streams: true, anyPage: true, answers: { 'application/x-ndjson': ndjson } } },
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
  '/v1/models': { GET: { right: 'answer', answers: { 'application/json': completions } } },
  '/v1/chat/completions': { POST: { right: 'answer', streams: true, answers: { 'application/json': completions } } },
  '/chat': { GET: { right: 'answer', streams: true, answers: { [EVENTS]: completions } } },
  '/chat/stream': {
    GET: { right: 'answer', streams: true, answers: { [EVENTS]: completions } },
    POST: { right: 'answer', streams: true, answers: { 'application/json': completions } },
  },
  '/chat/:answer': { DELETE: { right: 'answer', answers: { [ANY]: completions } } },
  '/chat/:answer/events': { GET: { right: 'answer', streams: true, answers: { [EVENTS]: completions } } },
  '/server/send': { POST: { right: 'answer', roomInQuery: 'chat', answers: { 'application/json': chatTool } } },
  '/server/events': {
    GET: { right: 'subscribe', roomInQuery: 'chat', streams: true, answers: { [EVENTS]: chatTool } },
  },
  '/api/chat': { POST: { right: 'answer', streams: true, answers: { 'application/json': aiSdk } } },
  '/api/chat/:chat': { DELETE: { right: 'answer', answers: { [ANY]: aiSdk } } },
  '/api/chat/:chat/stream': { GET: { right: 'answer', streams: true, answers: { [EVENTS]: aiSdk } } },
  '/metrics': { GET: { right: 'admin', answers: { [ANY]: 'metrics' } } },
  '/healthz': { GET: { right: null, answers: { [ANY]: () => Response.json({ status: 'ok' }) } } },
  '/problems': { GET: { right: null, answers: { [ANY]: problemPage } } },
  '/problems/:slug': { GET: { right: null, answers: { [ANY]: problemPage } } },
}
