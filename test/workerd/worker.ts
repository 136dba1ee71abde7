/** The objects under test. */
import { RoomObject } from '../../src/rooms/durable-object.ts'
import type { Who } from '../../src/rooms/durable-socket.ts'
import type { TextMessage } from '../../src/rooms/frame.ts'
import { RETAINED } from '../rooms/contract.ts'

export { RoomObject }

export class SmallRoom extends RoomObject {
  override retention = { events: RETAINED }
}

export class HookedRoom extends RoomObject {
  readonly calls: string[] = []

  override async onPublish({ event, data }: TextMessage, { subject }: Who): Promise<TextMessage | boolean> {
    this.calls.push(`publish ${subject}`)
    await Promise.resolve()
    if (data === 'crash') throw new Error('a hook that crashes')
    if (event === 'forge') return { event: 'stream.live', data }
    if (event === 'shout') return { event, data: data.toUpperCase() }
    return data !== 'spam'
  }

  override onJoin({ subject }: Who): void {
    this.calls.push(`join ${subject}`)
    throw new Error('a hook that fails')
  }

  override onLeave({ subject }: Who): void {
    this.calls.push(`leave ${subject}`)
  }
}

export default { fetch: (): Response => new Response() }
