/** What a program does with a room over HTTP, in one line each. */
import type { Published, RoomInfo, RoomMessage } from '../../src/rooms/room.ts'

/** Publishes and gives the answer; anything but 201 is an error. */
export async function publish(
  url: string,
  room: string,
  data: unknown,
  { event, key, headers: given }: { event?: string; key?: string; headers?: Record<string, string> } = {},
): Promise<Published> {
  const headers: Record<string, string> = { ...given, 'content-type': 'application/json' }
  if (key !== undefined) headers['idempotency-key'] = key
  const body = JSON.stringify({ event, data })
  const response = await fetch(`${url}/rooms/${room}/events`, { method: 'POST', headers, body })
  const text = await response.text()
  if (response.status !== 201) throw new Error(`Cannot publish: ${response.status} ${text}`)
  return JSON.parse(text)
}

export interface PublishedBatch {
  ids: string[]
  room: string
  durable: boolean
  duplicate: boolean
}

/** Publishes messages together, one JSON value a line; anything but 201 is an error. */
export async function publishBatch(
  url: string,
  room: string,
  messages: { data: unknown; event?: string }[],
  { key }: { key?: string } = {},
): Promise<PublishedBatch> {
  const headers: Record<string, string> = { 'content-type': 'application/x-ndjson' }
  if (key !== undefined) headers['idempotency-key'] = key
  const body = messages.map((message) => `${JSON.stringify(message)}\n`).join('')
  const response = await fetch(`${url}/rooms/${room}/events`, { method: 'POST', headers, body })
  const text = await response.text()
  if (response.status !== 201) throw new Error(`Cannot publish: ${response.status} ${text}`)
  return JSON.parse(text)
}

/** Publishes `data(1)` … `data(count)`, one after the other, and gives the ids. */
export async function publishAll(
  url: string,
  room: string,
  count: number,
  data: (n: number) => unknown = (n) => n,
): Promise<string[]> {
  const ids: string[] = []
  for (let n = 1; n <= count; n++) ids.push((await publish(url, room, data(n))).id)
  return ids
}

/** Publishes `count` events, several at a time and so in no order, and gives the ids in the order of the log. */
export async function fill(url: string, room: string, count: number): Promise<string[]> {
  const ids = await inParallel(range(1, count), 16, async (n) => (await publish(url, room, n)).id)
  return ids.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
}

export async function info(
  url: string,
  room: string,
  headers: Record<string, string> = {},
): Promise<(RoomInfo & { room: string }) | undefined> {
  const response = await fetch(`${url}/rooms/${room}`, { headers })
  const body = await response.json()
  return response.status === 404 ? undefined : (body as RoomInfo & { room: string })
}

export async function history(
  url: string,
  room: string,
  query = '',
  headers: Record<string, string> = {},
): Promise<RoomMessage[]> {
  const response = await fetch(`${url}/rooms/${room}/events${query}`, {
    headers: { ...headers, accept: 'application/x-ndjson' },
  })
  const text = await response.text()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** `work` on each item, at most `width` at a time. */
export async function inParallel<Item, Result>(
  items: Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index] as Item)
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
  return results
}

/** `from` to `to`, both included. */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)
