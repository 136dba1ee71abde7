// Reading event streams: in browsers, Workers, Deno, Bun and Node.
export { type Connection, type ConnectOptions, connect } from './client/connect.ts'
export type { ConnectionState } from './client/connection-state.ts'
export type { ClientMessage, Schemas, StreamEvents, StreamMessage } from './client/messages.ts'
export type { StandardResult, StandardSchema } from './client/standard-schema.ts'
export { SseError, type SseErrorCode } from './errors.ts'
