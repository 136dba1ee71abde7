/** How much the environment lets be taken on. */

import { SseError } from '../errors.ts'
import type { RoomLimits } from '../rooms/limits.ts'
import type { AdmissionLimits } from './admission.ts'

export interface LimitsEnvironment {
  /** Streams of this process, of one client address, of one subject: see `AdmissionLimits`. */
  EDGE_SSE_MAX_STREAMS?: string | undefined
  EDGE_SSE_MAX_STREAMS_PER_ADDRESS?: string | undefined
  EDGE_SSE_MAX_STREAMS_PER_SUBJECT?: string | undefined
  /** Mebibytes this process may use before it takes no more streams. */
  EDGE_SSE_MAX_MEMORY?: string | undefined
  /** Readers of one room: see `RoomLimits`. */
  EDGE_SSE_MAX_READERS?: string | undefined
  /** Messages a second in one room, and of one subject in it. Default to 1,000 and 100. */
  EDGE_SSE_MAX_PUBLISHES?: string | undefined
  EDGE_SSE_MAX_PUBLISHES_PER_SUBJECT?: string | undefined
  /** Rooms and jobs that one subject may bring to life in an hour. Defaults to 100. */
  EDGE_SSE_MAX_ROOMS_PER_SUBJECT?: string | undefined
  /** Header with the client's address, where a proxy of yours sets it. Defaults to none: that of the connection. */
  EDGE_SSE_ADDRESS_HEADER?: string | undefined
}

export interface Limits {
  admission: AdmissionLimits
  room: RoomLimits
  /** An hour. */
  roomsPerSubject: number
  addressHeader: string | undefined
}

/** Messages that may come to a room at once: several may each bring a whole batch. */
const BURST = 5_000

/** Throws `invalid-option` for what is no number from 1, and no name of a header. */
export function limitsFrom(env: LimitsEnvironment): Limits {
  const number = (name: keyof LimitsEnvironment): number | undefined => {
    const text = env[name]
    if (!text) return undefined
    if (!/^[1-9]\d{0,8}$/.test(text)) throw mistake(name, 'not a number from 1')
    return Number(text)
  }
  const memory = number('EDGE_SSE_MAX_MEMORY')
  const publishes = number('EDGE_SSE_MAX_PUBLISHES') ?? 1_000
  const header = env.EDGE_SSE_ADDRESS_HEADER || undefined
  if (header && !/^[\w-]+$/.test(header)) throw mistake('EDGE_SSE_ADDRESS_HEADER', 'not the name of a header')
  return {
    admission: {
      streams: number('EDGE_SSE_MAX_STREAMS'),
      streamsPerAddress: number('EDGE_SSE_MAX_STREAMS_PER_ADDRESS'),
      streamsPerSubject: number('EDGE_SSE_MAX_STREAMS_PER_SUBJECT'),
      memory: memory && memory * 1_048_576,
    },
    room: {
      readers: number('EDGE_SSE_MAX_READERS'),
      publishes: { perSecond: publishes, burst: Math.max(BURST, publishes) },
      publishesPerSubject: { perSecond: number('EDGE_SSE_MAX_PUBLISHES_PER_SUBJECT') ?? 100 },
    },
    roomsPerSubject: number('EDGE_SSE_MAX_ROOMS_PER_SUBJECT') ?? 100,
    addressHeader: header,
  }
}

const mistake = (name: string, state: string): SseError =>
  new SseError('invalid-option', `Cannot start: ${name} is ${state}`, { field: name })
