/** What a backend has to give for a room: the room's side, reachable from where readers are held. */
import type { Page, Position } from './bridge.ts'
import type { TextMessage } from './frame.ts'
import type { Connect } from './holder.ts'
import type { PublishTerms, Stored } from './log-keeper.ts'
import type { RoomInfo, Started } from './room.ts'
import type { RunTerms } from './run.ts'

export interface RoomBackend {
  /** Whether what was published outlives the process. */
  readonly durable: boolean
  /** Bytes a reader may have waiting: what the place that holds its stream can afford. */
  readonly budget: number
  publish(messages: TextMessage[], terms: PublishTerms): Promise<Stored>
  /** One page after a position, without becoming a subscriber. */
  page(position: Position, first: boolean): Promise<Page>
  connect: Connect
  /** `input` is a text of JSON. */
  start(input: string, terms: RunTerms): Promise<Started>
  stop(run: string): Promise<void>
  info(): Promise<RoomInfo | undefined>
  purge(): Promise<void>
  close(): Promise<void>
}
