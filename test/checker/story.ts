/** Tells a history by hand, in lines short enough to see what is wrong with it. */

import { describe, expect, it } from 'vitest'
import type { Gap, RoomMessage } from '../../src/rooms/room.ts'
import { type ConnectionRecord, check, History, type Rule } from './checker.ts'

export interface Reading extends ConnectionRecord {
  /** Receives events by their ids, each with what the log has there. */
  reads(...ids: string[]): Reading
  /** Receives an event with a text of its own. */
  readsAs(id: string, key: string): Reading
  live(id: string): Reading
  gap(reason: Gap['gap']['reason'], asked: string | null, floor: string): Reading
}

export class Story extends History {
  /** Publishes and is answered at once: by key, or without one when it begins with `-`. */
  publishes(key: string, ids: string | string[], { room = 'a', duplicate = false } = {}): void {
    const all = [ids].flat()
    this.sends(key, { room, count: all.length }).acknowledged(all, duplicate)
  }

  sends(key: string, { room = 'a', count = 1 } = {}): ReturnType<History['sent']> {
    const messages = Array.from({ length: count }, () => ({ data: textOf(key) }))
    return this.sent({ room, key: key.startsWith('-') ? undefined : key, messages })
  }

  /** `log` in words: `1-aaaaaa:k1 2-bbbbbb:k2`, each event with its key. */
  dumps(
    log: string,
    { room = 'a', floor, rest = false }: { room?: string; floor?: string; rest?: boolean } = {},
  ): void {
    const gap: Gap | undefined = floor === undefined ? undefined : gapOf('expired', '0', floor)
    this.dumped(room, [...(gap ? [gap] : []), ...eventsOf(log)], { rest })
  }

  /** A reader of what `log` says in words. */
  reader(
    log: string,
    { room = 'a', client = 'reader', at }: { room?: string; client?: string; at?: string } = {},
  ): Reading {
    const texts = new Map(eventsOf(log).map(({ id, data }) => [id, data]))
    const connection = this.connected(room, client, at)
    const reading: Reading = {
      ...connection,
      reads: (...ids) => {
        for (const id of ids) connection.received({ id, data: texts.get(id) ?? textOf('-unknown') })
        return reading
      },
      readsAs: (id, key) => {
        connection.received({ id, data: textOf(key) })
        return reading
      },
      live: (id) => {
        connection.received({ id, event: 'stream.live', data: '{}' })
        return reading
      },
      gap: (reason, asked, floor) => {
        connection.received({ id: floor, event: 'stream.gap', data: JSON.stringify(gapOf(reason, asked, floor).gap) })
        return reading
      },
    }
    return reading
  }
}

/** A log of four events, and their ids. */
export const LOG = '1-aaaaaa:k1 2-bbbbbb:k2 3-cccccc:k3 4-dddddd:k4'
export const ids: readonly string[] = LOG.split(' ').map((word) => word.slice(0, 8))
export const [one, two, three, four] = ids as [string, string, string, string]

/** A story in which all of LOG was published, one after the other. */
export function published(): Story {
  const story = new Story()
  for (const [index, id] of ids.entries()) story.publishes(`k${index + 1}`, id)
  return story
}

/** A test for each story, told in one sentence: what it breaks is named, and nothing else. */
export function expectNamed(stories: Partial<Record<Rule, Record<string, () => Story>>>): void {
  describe.each(Object.entries(stories))('check names %s, and nothing else, when', (rule, broken) => {
    it.each(Object.entries(broken))('%s', (_, story) => {
      const rules = new Set(check(story().entries).map((violation) => violation.rule))
      expect([...rules]).toEqual([rule])
    })
  })
}

/** What is published under a key; without one the name itself. */
const textOf = (key: string): string => (key.startsWith('-') ? `text ${key}` : JSON.stringify({ key }))

const eventsOf = (log: string): RoomMessage[] =>
  log
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [id = '', key = ''] = word.split(':')
      return { id, data: textOf(key) }
    })

const gapOf = (reason: Gap['gap']['reason'], asked: string | null, floor: string): Gap => ({
  id: floor,
  event: 'stream.gap',
  gap: { reason, asked, oldest: null, newest: null },
})
