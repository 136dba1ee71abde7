/** The cursors that a tab has come by, as far back as another tab would ever be. */

/** Cursors remembered at least; at most twice as many. A room retains 1,000 events. */
const REMEMBERED = 2_048
/** Characters: no longer one is ever sent to a server. */
const LONGEST = 4_096

/** Adds one to those that are known, oldest first. */
export function remember(known: string[], cursor: string): void {
  // A message without an id has that of the one before it.
  if (cursor.length > LONGEST || known.at(-1) === cursor) return
  // Made anew: a part of a chunk would keep all of it.
  if (known.push(` ${cursor}`.slice(1)) > 2 * REMEMBERED) known.splice(0, REMEMBERED)
}
