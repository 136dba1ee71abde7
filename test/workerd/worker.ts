/** The objects under test. */
import { RoomObject } from '../../src/rooms/durable-object.ts'
import { RETAINED } from '../rooms/contract.ts'

export { RoomObject }

export class SmallRoom extends RoomObject {
  override retention = { events: RETAINED }
}

export default { fetch: (): Response => new Response() }
