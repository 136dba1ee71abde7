/** What cases do with a connection. */
import { type Connection, type ConnectionState, type ConnectOptions, connect } from '../../src/client.ts'
import { same } from './assert.ts'
import { Clock } from './clock.ts'
import type { World } from './connect-case.ts'
import type { Answer } from './script.ts'
import { Scripted } from './scripted.ts'

/** For what breaks off and is not about how long is waited then. */
export const QUICK = { minDelay: 1, maxDelay: 4 }

export interface Opened {
  script: Scripted
  connection: Connection
  states: ConnectionState[]
}

/** A connection to what answers so; nothing is dialled yet. Its states are kept as they are told. */
export async function opened(
  { server }: Pick<World, 'server'>,
  answers: Answer[],
  options: ConnectOptions = {},
): Promise<Opened> {
  const script = await Scripted.play(server, ...answers)
  const states: ConnectionState[] = []
  const onState = (state: ConnectionState): void => {
    states.push(state)
    options.onState?.(state)
  }
  return { script, states, connection: connect(script.url, { ...QUICK, ...options, onState }) }
}

/** The data of all messages, to the end. */
export async function all(connection: AsyncIterable<{ data: unknown }>): Promise<unknown[]> {
  const read: unknown[] = []
  for await (const { data } of connection) read.push(data)
  return read
}

export interface Waits {
  /** Milliseconds of each wait between two attempts, as they were asked of the platform's timer. */
  waits: number[]
  states: ConnectionState[]
  script: Scripted
  data: unknown[]
  /** What it ended with. */
  error?: unknown
}

/** Reads to the end with a clock that passes each wait as soon as it begins; `luck` is what is drawn for the jitter. */
export async function waits(
  { server }: Pick<World, 'server'>,
  answers: Answer[],
  luck = 0,
  options: ConnectOptions = {},
): Promise<Waits> {
  const script = await Scripted.play(server, ...answers)
  const clock = new Clock(luck)
  let before = 0
  const told: Waits = { waits: [], states: [], script, data: [] }
  const onState = (state: ConnectionState): void => {
    told.states.push(state)
    if (clock.passing !== undefined) same(clock.started(clock.passing) > before, true, `a timer of ${clock.passing} ms`)
    clock.passing = undefined
    if (state.retryAt === undefined) return
    const wait = state.retryAt - clock.now
    told.waits.push(wait)
    clock.passing = wait
    before = clock.started(wait)
  }
  try {
    for await (const { data } of connect(script.url, { ...options, onState })) told.data.push(data)
  } catch (error) {
    told.error = error
  } finally {
    clock.restore()
  }
  return told
}

/** The message that comes next; throws where there is none. */
export async function next<T>(iterator: AsyncIterator<T>): Promise<T> {
  const { done, value } = await iterator.next()
  if (done) throw new Error('it ended, and should go on')
  return value
}
