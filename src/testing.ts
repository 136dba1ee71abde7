// `edge-sse/testing`: tests of event streams, in whatever test runner. Web APIs only; what is not as expected is thrown.

export type { Attempt } from './testing/attempt.ts'
// Bytes, and how they come.
export { type CutOptions, cutAfter } from './testing/cut-after.ts'
export { eventually } from './testing/eventually.ts'
export { ExpectationError, type WaitOptions } from './testing/expectation.ts'
export { type Fetch, fetchOf, type RequestHandler } from './testing/fetch-of.ts'
export { Gate } from './testing/gate.ts'
export type { ExpectedMessage } from './testing/matches.ts'
export { type MemoryRoom, type MemoryRoomOptions, memoryRoom } from './testing/memory-room.ts'
// Reading a stream.
export { MessageReader } from './testing/message-reader.ts'
export type { Piece } from './testing/piece.ts'
export type { Place } from './testing/place.ts'
export { type OpenOptions, openMessages, readMessages } from './testing/read-messages.ts'
// The other side of a client.
export {
  type ScriptedFetch,
  type ScriptedResponse,
  type Step,
  scriptedFetch,
} from './testing/scripted-fetch.ts'
export { type SlowOptions, slow } from './testing/slow.ts'
export { byteByByte, chunked, splits } from './testing/splits.ts'
export { stallAfter } from './testing/stall-after.ts'
export type { MessageReaderOptions } from './testing/steps.ts'
export { responseOf, streamOf } from './testing/stream-of.ts'
export { type CaseMessage, type WireCase, wireCases } from './testing/wire-cases.ts'
