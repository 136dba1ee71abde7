/** Work on the room's side that outlives its readers: a job's progress, a model's answer. */
import { SseError } from '../errors.ts'
import type { NewMessage, Room } from './room.ts'

export interface ProducerContext {
  /** Aborts when the run was stopped. A producer that waits must wait on things that take it. */
  signal: AbortSignal
  /** The room it works in: what was said there before can be read. */
  room: Room
  /** The id of this run. */
  run: string
}

/**
 * Yields what is said in the room. `input` is what `start` was given, as JSON has it. What a generator returns is said last,
 * and stored in one step with the end. What it throws goes to the console; readers get `stream.error`: with the code and the
 * text of an `SseError` that could be the answer to a request, else with neutral ones.
 */
export type Producer = {
  // A method, so that a producer may say which input it takes.
  produce(input: unknown, context: ProducerContext): AsyncIterable<NewMessage> | Iterable<NewMessage>
}['produce']

/** Producers by the name that `start` calls them. */
export type Producers = Record<string, Producer>

/** A producer with its input, waiting to be run. */
export type Work = (context: { signal: AbortSignal; run: string }) => ReturnType<Producer>

/** Throws `unknown-producer`. `input` is a text of JSON. */
export function workOf(producers: Producers, name: string, input: string, room: () => Room): Work {
  const producer = Object.hasOwn(producers, name) ? producers[name] : undefined
  if (!producer) throw new SseError('unknown-producer', 'Cannot start: no producer of that name is registered')
  return (context) => producer(JSON.parse(input), { ...context, room: room() })
}
