// Streams: what goes out.

export type { BodyStreamOptions } from './body-response-stream.ts'
export type { BodySource, BodySourceContext } from './body-stream.ts'
export type { BodyOptions } from './body-text.ts'
export { SseError, type SseErrorCode } from './errors.ts'
export { type EventStreamOptions, nothingMore } from './event-response-stream.ts'
export { eventStream, type GapMessage, type Source, type SourceContext } from './event-stream.ts'
export { EventStreamWriter, type EventStreamWriterOptions, type OwnEnd } from './event-stream-writer.ts'
// Files.
export { type FileStreamOptions, fileStream } from './file-stream.ts'
export type { ByteRange, FileStore, StoredFile } from './files/file-store.ts'
// Requests and refusals.
export type { Grant } from './grant.ts'
export {
  type App,
  fileName,
  type Handler,
  roomInQuery,
  roomName,
  type Standalone,
  type StandaloneOptions,
  standalone,
} from './handler.ts'
export { Html, type HtmlValue, html } from './html.ts'
export { htmlStream } from './html-stream.ts'
export { getIdempotencyKey } from './idempotency-key.ts'
export { interval } from './interval.ts'
export { type NdjsonBodyOptions, readJson, readJsonObject, readNdjson } from './json-body.ts'
export { getLastEventId } from './last-event-id.ts'
// The wire format, out and in.
export { formatComment, formatMessage, formatRetry, type Message } from './message.ts'
export { ndjsonStream } from './ndjson-stream.ts'
export { type EndStreamsOptions, endStreams } from './open-streams.ts'
export { type ParsedMessage, type ParseOptions, parseMessages } from './parse.ts'
export { problemResponse } from './problem.ts'
export type { ResponseStreamOptions } from './response-stream.ts'
export type { ResponseWriterOptions } from './response-writer.ts'
export { type Cursor, parseCursor } from './rooms/cursor.ts'
// Rooms.
export type { Rate, RoomLimits } from './rooms/limits.ts'
export { type MemoryRoomsOptions, memoryRooms } from './rooms/memory.ts'
export { toNewMessage } from './rooms/new-message.ts'
export type { Producer, ProducerContext, Producers } from './rooms/producer.ts'
export type { Retention } from './rooms/retention.ts'
export type {
  From,
  Gap,
  NewMessage,
  Published,
  PublishOptions,
  ReadOptions,
  Room,
  RoomInfo,
  RoomMessage,
  Rooms,
  RunInfo,
  RunState,
  Started,
  StartOptions,
  SubscribeOptions,
} from './rooms/room.ts'
export type { Ticket } from './rooms/ticket.ts'
export { StreamWriter, type StreamWriterOptions } from './stream-writer.ts'
export { textStream } from './text-stream.ts'
