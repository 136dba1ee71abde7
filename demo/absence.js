// A time away: a broken place in the history that says why, and afterwards how much was caught up there.

/** What the place says during a break and after it, by its cause. */
const words = {
  cut: ['you are away', 'you were away'],
  offline: ['you are offline', 'you were offline'],
  resuming: ['the connection was lost', 'the connection was lost'],
  busy: ['the server is busy', 'the server was busy'],
  'signed-out': ['you are signed out', 'you were signed out'],
  refused: ['you may not read here', 'you were not let in'],
}

/** What explains more than being on the way back, and is told of afterwards even if nothing was missed. */
const reasons = ['cut', 'offline', 'signed-out', 'refused']
const deliberate = ['cut', 'signed-out', 'refused']

/**
 * @param {Pick<ReturnType<import('./room-history.js').roomHistory>, 'mark'>} past
 * @param {string} [noun] what is caught up
 */
export function absence(past, noun = 'message') {
  let away

  return {
    /** The stream broke after the event `after`; `cause` is the state it is in now, `isPlanned` if the server wants it so. */
    begin({ cause, after, isPlanned }) {
      away = { cause, after, isPlanned, missed: 0, mark: past.mark('away', words[cause][0]) }
    },

    /** It is in another state now. */
    goesOn(state) {
      if (!away || away.cause === state || !reasons.includes(state)) return
      away.cause = state
      away.mark.say(words[state][0])
    },

    /** One, of somebody else, was caught up. */
    caughtUp() {
      if (away) away.missed++
    },

    /** It is over. Gives how many were missed, where there was a break worth telling of. */
    end() {
      if (!away) return undefined
      const { cause, after, isPlanned, missed, mark } = away
      away = undefined
      // A break that cost nothing and that nobody asked for leaves no trace.
      if (!deliberate.includes(cause) && missed === 0) {
        mark.remove()
        return isPlanned ? undefined : 0
      }
      const place = after === '0' ? 'resumed from the beginning' : `resumed at ${after}`
      mark.say(`${words[cause][1]} · ${place} · ${missed === 1 ? `1 ${noun}` : `${missed} ${noun}s`} caught up`)
      mark.heal()
      return missed
    },

    forget() {
      away = undefined
    },
  }
}
