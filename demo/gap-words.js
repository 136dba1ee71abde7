// What a place says where something is missing, from what `stream.gap` tells.

const reasons = {
  expired: 'what came next is older than the room keeps',
  unknown: 'the room does not know the place you stopped at; its log was replaced',
  slow: 'messages came faster than this connection could take them',
  malformed: 'the place you stopped at could not be read',
}

/** @param {{ reason: string, oldest: string | null }} gap */
export function gapWords({ reason, oldest }) {
  const from = oldest ? `; it goes on from ${oldest}` : '; there is nothing left to show'
  const why = Object.hasOwn(reasons, reason) ? reasons[reason] : reason
  return `some messages are missing: ${why}${from}`
}
