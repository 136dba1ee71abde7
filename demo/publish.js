// Says one thing in a room.
import { sendOnce } from './send-once.js'

/**
 * One attempt, as `sendOnce` makes it.
 * @param {string} room
 * @param {{ event?: string, data: unknown }} message
 * @param {string} key
 */
export const publish = (room, message, key) => sendOnce(`/rooms/${encodeURIComponent(room)}/events`, message, key)
