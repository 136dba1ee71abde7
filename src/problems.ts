/** Every refusal by its slug, and what its pages and answers say: https://www.rfc-editor.org/rfc/rfc9457 */
import type { SseErrorCode } from './errors.ts'

interface Problem {
  status: number
  title: string
  /** What the caller can do about it. */
  help: string
  headers?: Record<string, string>
}

/** What only a programming mistake can cause is not here: that is an `internal-error`. */
export const PROBLEMS: Partial<Record<SseErrorCode, Problem>> & { 'internal-error': Problem } = {
  'access-not-configured': {
    status: 503,
    title: 'Nobody has said who may use this',
    help: 'The operator sets EDGE_SSE_SECRET, which clients send as a bearer token, or EDGE_SSE_JWT_SECRET for tokens with rights; on your own machine `npm start` opens it to you.',
  },
  'file-changed': {
    status: 503,
    title: 'The file was changed just now',
    help: 'Ask again: you get the file as it is then.',
    headers: { 'retry-after': '1' },
  },
  forbidden: {
    status: 403,
    title: 'No right to do this here',
    help: 'Ask the operator for it: a token says what one may do, in `rooms` for each room, in `can` for what is about none.',
  },
  'id-not-accepted': {
    status: 400,
    title: 'The room gives the ids',
    help: 'Leave `id` out. To publish once however often you try, send an Idempotency-Key header.',
  },
  'idempotency-conflict': {
    status: 422,
    title: 'This idempotency key was used for another request',
    help: 'Use a fresh key for each new request, and repeat a key only with the very same body.',
  },
  'internal-error': {
    status: 500,
    title: 'Something went wrong here',
    help: 'Try again; the operator finds the cause in the log.',
  },
  'invalid-event-name': {
    status: 400,
    title: 'Not an event name',
    help: 'Use printable text of at most 128 bytes: no line breaks, control, invisible or direction-changing characters.',
  },
  'invalid-idempotency-key': {
    status: 400,
    title: 'Not an idempotency key',
    help: 'Send 1 to 64 bytes of printable text in Idempotency-Key, a UUID for example; quotes around it are fine.',
  },
  'invalid-json': {
    status: 400,
    title: 'Not the JSON that is expected',
    help: 'Send one JSON object, nested at most 64 levels; in a batch, one on each line. README.md says of each route what is in it.',
  },
  'invalid-last-event-id': {
    status: 400,
    title: 'Not an id of a room',
    help: 'Send back the id of the last event you read, to the letter, or none at all.',
  },
  'invalid-message': {
    status: 400,
    title: 'Not a message',
    help: 'Send {"event"?, "data"}: `event` is text, `data` any JSON, and no other field.',
  },
  'invalid-parameter': {
    status: 400,
    title: 'A parameter is not what it has to be',
    help: 'The detail names it and says what is wrong with it; README.md says of each route what it takes.',
  },
  'invalid-room': {
    status: 400,
    title: 'Not a room name',
    help: 'Use 1 to 64 of the characters A-Z a-z 0-9 . _ ~ - (not `~` first, not `.` or `..` alone).',
  },
  'invalid-ticket': {
    status: 401,
    title: 'The ticket is no good',
    help: 'A ticket opens one stream, within 30 seconds: ask for a fresh one each time you connect.',
    headers: { 'www-authenticate': 'Bearer' },
  },
  'invalid-utf8': {
    status: 400,
    title: 'The body is not UTF-8',
    help: 'Encode the body as UTF-8, without lone surrogates.',
  },
  'keys-unavailable': {
    status: 503,
    title: 'The keys that check tokens are not there',
    help: 'Try again after the time in Retry-After: they are fetched from who issues the tokens.',
    headers: { 'retry-after': '5' },
  },
  'malformed-request': {
    status: 400,
    title: 'The request cannot be understood',
    help: 'Send all of the body that was announced, and each header once.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This path does not take this method',
    help: 'The Allow header lists what this path takes.',
  },
  'misdirected-host': {
    status: 421,
    title: 'Not the host you asked for',
    help: 'This server was started for its own machine: use http://localhost or http://127.0.0.1, with its port.',
  },
  'needs-room-object': {
    status: 501,
    title: 'Nothing can be started here',
    help: 'The operator binds a class that extends RoomObject: in a Worker alone, work ends with the request that began it.',
  },
  'not-acceptable': {
    status: 406,
    title: 'Not in that format',
    help: 'Accept what `detail` names, or anything (`*/*`).',
  },
  'not-found': { status: 404, title: 'Nothing here', help: 'Look at / for what there is.' },
  'origin-not-allowed': {
    status: 403,
    title: 'Not from this site',
    help: 'The operator lists the sites whose pages may use their cookie here in EDGE_SSE_ORIGINS.',
  },
  overloaded: {
    status: 503,
    title: 'This server has as much to do as it can',
    help: 'Try again after the time in Retry-After.',
    headers: { 'retry-after': '5' },
  },
  'payload-too-large': {
    status: 413,
    title: 'Too large',
    help: 'A body holds at most 1 MiB, an event at most 256 KiB once encoded, a batch at most 1,000 lines and 1 MiB once encoded.',
  },
  'precondition-failed': {
    status: 412,
    title: 'Not the version that was asked for',
    help: 'Ask without If-Match and If-Unmodified-Since: what you have is of another version.',
  },
  'producer-failed': {
    status: 500,
    title: 'The work failed',
    help: 'Start it again; the operator finds the cause in the log.',
  },
  'producer-lost': {
    status: 503,
    title: 'The work broke off',
    help: 'Its server has gone while it was at work: what was said until then is kept. Start it again.',
  },
  'producer-stopped': { status: 409, title: 'The work was stopped', help: 'What was said until then is kept.' },
  'producer-timeout': { status: 504, title: 'The work took too long', help: 'Start it again, with less to do.' },
  'range-not-satisfiable': {
    status: 416,
    title: 'No such part of the file',
    help: 'Ask for one range within the size that Content-Range tells, or without Range for the whole file.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too much in too little time',
    help: 'Try again after the time in Retry-After: nothing of it was stored.',
    headers: { 'retry-after': '1' },
  },
  'request-timeout': { status: 408, title: 'The body came too slowly', help: 'Send the body within 10 seconds.' },
  'reserved-event-name': {
    status: 400,
    title: 'This event name is reserved',
    help: 'Names that begin with `stream.` tell readers about the stream itself: choose another one.',
  },
  'room-closed': { status: 409, title: 'The room is closed', help: 'It can still be read; publish to another room.' },
  'room-not-found': {
    status: 404,
    title: 'No such room',
    help: 'A room comes to life with the first message that is published to it. Names that begin with `~` are reserved.',
  },
  'shutting-down': {
    status: 503,
    title: 'This server is about to end',
    help: 'Try again after the time in Retry-After: another one, or the same one restarted, takes over.',
    headers: { 'retry-after': '2' },
  },
  'storage-unavailable': {
    status: 503,
    title: 'The log could not be written',
    help: 'Try again after the time in Retry-After; with an Idempotency-Key that is safe whatever happened.',
    headers: { 'retry-after': '1' },
  },
  'token-in-url': {
    status: 400,
    title: 'A token in the URL',
    help: 'Logs and histories keep URLs. Send it as `Authorization: Bearer …`; where you can send no header, get a ticket from POST /tickets. Consider the token known, and have it replaced.',
  },
  'too-many-connections': {
    status: 429,
    title: 'Too many connections',
    help: 'Close some, or try again after the time in Retry-After: the room is full, or you have as many streams as one may have.',
    headers: { 'retry-after': '5' },
  },
  unauthorized: {
    status: 401,
    title: 'No valid token',
    help: 'Send `Authorization: Bearer …` with a token that is for this server and has not expired, or its secret.',
    headers: { 'www-authenticate': 'Bearer' },
  },
  'unknown-provider': {
    status: 400,
    title: 'No such model here',
    help: 'Name a model that GET /v1/models lists. Who serves it is the operator’s choice: LLM_PROVIDERS.',
  },
  'unsupported-encoding': { status: 415, title: 'The body is compressed', help: 'Send it without Content-Encoding.' },
  'unsupported-media-type': {
    status: 415,
    title: 'Not in that format',
    help: 'Send `Content-Type: application/json`; where a batch is taken, application/x-ndjson.',
  },
  'upstream-busy': {
    status: 429,
    title: 'The model has too much to do',
    help: 'Try again after the time in Retry-After.',
    headers: { 'retry-after': '5' },
  },
  'upstream-failed': {
    status: 502,
    title: 'The model failed',
    help: 'Ask again; the operator finds the cause in the log.',
  },
  'upstream-incomplete': {
    status: 502,
    title: 'The answer ended before it was complete',
    help: 'Ask again: what came so far is not the whole answer.',
  },
  'upstream-malformed': {
    status: 502,
    title: 'The model said something that is no answer',
    help: 'The operator checks that what LLM_PROVIDERS names speaks chat completions as event streams.',
  },
  'upstream-refused': {
    status: 502,
    title: 'The model could not be asked',
    help: 'Try again later; the operator finds in the log whether it was not there, or did not accept the key.',
  },
  'upstream-rejected': {
    status: 400,
    title: 'The model does not take this request',
    help: 'The detail has what it said: a parameter that it does not know, or more text than it takes.',
  },
  'upstream-reset': {
    status: 502,
    title: 'The answer broke off',
    help: 'Ask again: what came so far is not the whole answer.',
  },
  'upstream-timeout': {
    status: 504,
    title: 'The model took too long',
    help: 'Ask again; the operator sets how long it may be silent in LLM_PROVIDERS.',
  },
  'upstream-too-large': {
    status: 502,
    title: 'The answer is longer than is taken',
    help: 'Ask for less: an answer holds at most 6 MiB, each of its chunks 128 KiB, and one that many read in a room of theirs 255 KiB.',
  },
}
