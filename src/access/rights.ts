/** What the claims of a token allow: `{"rooms": {"lobby": ["subscribe", "publish"], "team-*": ["subscribe"]}}`. */
import type { Action } from './access.ts'

export interface Rights {
  /** Actions by room: a name, or the beginning of names and a `*`. A room that several of them fit has the rights of all. */
  rooms?: unknown
  /** Actions that are about no room. */
  can?: unknown
}

/** Claims come from outside: what is not of their form allows nothing. */
export function allows({ rooms, can }: Rights, room: string, action: Action): boolean {
  if (room === '') return isAmong(action, can)
  // Rooms of ours belong to who started them, and to no claim.
  if (room.startsWith('~') || typeof rooms !== 'object' || rooms === null || Array.isArray(rooms)) return false
  return Object.entries(rooms).some(([pattern, actions]) => fits(pattern, room) && isAmong(action, actions))
}

/** A `*` anywhere else is no wildcard, and in no room's name. */
const fits = (pattern: string, room: string): boolean =>
  pattern.endsWith('*') ? room.startsWith(pattern.slice(0, -1)) : room === pattern

const isAmong = (action: Action, actions: unknown): boolean => Array.isArray(actions) && actions.includes(action)
