/** The objects under test. */

import { answerProducers, modelsFrom } from '../../src/relay.ts'
import { RoomObject } from '../../src/rooms/durable-object.ts'
import type { Who } from '../../src/rooms/durable-socket.ts'
import type { TextMessage } from '../../src/rooms/frame.ts'
import { ANSWERING } from '../relay/fake-ai.ts'
import { LIMITS, RETAINED } from '../rooms/contract.ts'
import { producers } from '../rooms/producers.ts'

export { RoomObject }

export class SmallRoom extends RoomObject {
  override retention = { events: RETAINED }
}

export class LimitedRoom extends RoomObject {
  override limits = LIMITS
}

const boom = (): never => {
  throw new Error('a getter that crashes')
}

export class HookedRoom extends RoomObject {
  readonly calls: string[] = []

  override async onPublish(message: TextMessage, { subject }: Who): Promise<TextMessage | boolean> {
    const { event, data } = message
    this.calls.push(`publish ${subject}`)
    await Promise.resolve()
    if (data === 'crash') throw new Error('a hook that crashes')
    if (event === 'odd')
      return (data === 'null' ? { data: undefined } : Object.create(null, { data: { get: boom } })) as TextMessage
    if (event === 'change') message.event = 'stream.live'
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

export class WorkRoom extends RoomObject {
  override producers = producers
}

/** A room of the app, where Workers AI is bound: a fake one, in both of its shapes. */
export class AnswerRoom extends RoomObject {
  override producers = answerProducers(modelsFrom(ANSWERING))
}

/** An object of a version that does not know the protocol of the Worker before it. */
export class OlderRoom extends RoomObject {
  override fetch(request: Request): Promise<Response> {
    const headers = new Headers(request.headers)
    headers.set('sec-websocket-protocol', `not ${headers.get('sec-websocket-protocol')}`)
    return super.fetch(new Request(request, { headers }))
  }
}

export default { fetch: (): Response => new Response() }
