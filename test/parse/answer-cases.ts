/**
 * Which answers are event streams, and after which a reader comes back, as `EventSource` has it; not all of it is what
 * every reader wants: one that dies at a 503 never sees the server well again.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model
 */
import { wpt } from './parse-case.ts'

export interface AnswerCase {
  name: string
  /** The section of the specification, or the file of web-platform-tests, that it is derived from. */
  source: string
  status: number
  /** Absent where the answer has none. */
  contentType?: string
  /** The stream is elsewhere. Which of the two a reader comes back to is left to it. */
  isElsewhere?: true
  /** How the connection ends: well, or broken off after the body or before the first byte of an answer. */
  end?: 'broken' | 'without an answer'
  /** Whether its messages are read, and whether the reader comes back after it. */
  isRead: boolean
  comesBack: boolean
}

const PROCESSING = 'HTML 9.2.3 Processing model'

const read = { isRead: true, comesBack: true }
const failed = { isRead: false, comesBack: false }
const contentType = 'text/event-stream'

/** 204 is how a server says that there is no more. */
const statuses: AnswerCase[] = [
  ...[204, 205, 210, 299, 404, 410, 503].map((status) => ({ status, source: wpt('request-status-error.window') })),
  ...[201, 202, 206, 300, 304, 400, 401, 403, 408, 418, 425, 429, 451, 500, 502, 504, 599].map((status) => ({
    status,
    source: PROCESSING,
  })),
].map((each) => ({ ...each, name: `status ${each.status}`, contentType, ...failed }))

const types: AnswerCase[] = [
  { contentType: 'text/event-stream;', source: wpt('format-mime-trailing-semicolon.any'), ...read },
  { contentType: 'text/event-stream;charset=windows-1252', source: wpt('format-utf-8.any'), ...read },
  { contentType: 'text/event-stream; charset=utf-8', source: PROCESSING, ...read },
  { contentType: 'text/event-stream ;x=y', source: PROCESSING, ...read },
  { contentType: 'Text/Event-Stream', source: PROCESSING, ...read },
  { contentType: 'x bogus', source: wpt('format-mime-bogus.any'), ...failed },
  { contentType: 'text/x-bogus', source: wpt('format-mime-valid-bogus.any'), ...failed },
  { contentType: 'text/event-streams', source: PROCESSING, ...failed },
  { contentType: 'text/event', source: PROCESSING, ...failed },
  { contentType: 'text/plain;text/event-stream', source: PROCESSING, ...failed },
  { contentType: 'text/html', source: PROCESSING, ...failed },
  { contentType: 'application/json', source: PROCESSING, ...failed },
].map((each) => ({ ...each, name: `content type ${each.contentType}`, status: 200 }))

const redirects: AnswerCase[] = [301, 302, 303, 307, 308].map((status) => ({
  name: `redirect ${status}`,
  source: status === 308 ? PROCESSING : wpt('request-redirect.any.window'),
  status,
  isElsewhere: true,
  ...read,
}))

const ends: AnswerCase[] = [
  { name: 'an end', source: wpt('eventsource-reconnect.window'), ...read },
  { name: 'a connection that breaks off', source: PROCESSING, end: 'broken' as const, ...read },
  { name: 'no answer at all', source: PROCESSING, end: 'without an answer' as const, isRead: false, comesBack: true },
].map((each) => ({ ...each, status: 200, contentType }))

const none: AnswerCase = { name: 'no content type', source: PROCESSING, status: 200, ...failed }

export const answerCases: AnswerCase[] = [...statuses, ...types, none, ...redirects, ...ends]
