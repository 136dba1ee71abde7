/** What a room remembers, all of it, as `History.dumped` takes it. */
import type { RoomMessage } from '../../src/rooms/room.ts'
import { history } from '../e2e/room-client.ts'

const PAGE = 1_000

export async function readLog(url: string, room: string, headers: Record<string, string> = {}): Promise<RoomMessage[]> {
  const lines: RoomMessage[] = []
  for (let after = '0'; ; after = lines.at(-1)?.id ?? after) {
    const page = await history(url, room, `?after=${after}&limit=${PAGE}`, headers)
    lines.push(...page)
    if (page.length < PAGE) return lines
  }
}
