/** Names of rooms that a careless key, query, pattern or comparison would take for one another. */

const LONG = 'x'.repeat(63)

/** Those of one list are alike. All are names of rooms; none begins with `~`, which are nobody's. */
export const FAMILIES: readonly (readonly string[])[] = [
  ['a_b', 'a-b', 'a.b', 'a~b', 'ab', 'aXb'],
  ['team', 'team-', 'team-1', 'team-10', 'team-1.', 'team-1~', 'Team-1', 'TEAM-1', 'steam-1'],
  ['lobby', 'Lobby', 'LOBBY', 'lobbY', 'lobby.', 'lobby2'],
  ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'valueOf', '__proto', 'then', 'size'],
  ['0', '00', '0.0', '1', '-1', '1e0', 'NaN', 'null', 'undefined', 'true', 'Infinity'],
  ['...', '.a', 'a.', '-', '--', '_', '__', '-~', '.~', 'a~', '..a'],
  ['events', 'rooms', 'tickets', 'rooms.events', 'events~', 'stream.live'],
  ['select', 'sqlite_master', 'spent_ticket', 'frame', 'rowid', 'NULL', 'a--', 'x-or-1'],
  ['a2Fb', 'a5Fb', '61', 'a', 'A', 'aa', '2e2e'],
  [`${LONG}a`, `${LONG}b`, `${LONG}A`, `${LONG}-`, `${LONG}~`, LONG, `a${LONG}`],
]

export const NAMES: readonly string[] = FAMILIES.flat()
