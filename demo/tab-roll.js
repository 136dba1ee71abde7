// Which tabs of this browser are on the page, and which of them leads: by the locks that they hold, which a browser takes
// back from a tab that is closed or has crashed. https://w3c.github.io/web-locks/

/** Milliseconds between two looks. */
const pace = 250

/**
 * Takes the smallest number that no other tab has, until this one is closed.
 * @param {string} name of what they read, as `share` knows it
 * @returns {Promise<{ me: number, look(): Promise<{ tabs: number[], leader?: number }>, leave(): void }>} `leader` where one
 *   reads for all
 */
export async function tabRoll(name) {
  const { locks } = navigator
  // Where pages may not share, each is alone.
  if (!locks) return { me: 1, look: async () => ({ tabs: [1] }), leave() {} }
  const mine = `edge-sse-tab:${name}:`
  let leave
  const left = new Promise((resolve) => {
    leave = resolve
  })
  const me = await new Promise((resolve) => {
    const take = (number) =>
      locks.request(mine + number, { ifAvailable: true }, (lock) => {
        if (!lock) return take(number + 1)
        resolve(number)
        return left
      })
    take(1)
  })

  return {
    me,
    async look() {
      const { held } = await locks.query()
      const clients = new Map()
      for (const { name, clientId } of held)
        if (name.startsWith(mine)) clients.set(clientId, Number(name.slice(mine.length)))
      // `share` gives a lock to whose turn it is: `edge-sse:`, the version of what its tabs tell each other, and this name.
      const leads = held.find((lock) => /^edge-sse:\d+:/.test(lock.name) && lock.name.endsWith(`:${name}`))
      return { tabs: [...clients.values()].sort((a, b) => a - b), leader: clients.get(leads?.clientId) }
    },
    leave,
  }
}

/** Looks again and again; gives what stops it. @param {() => Promise<void>} look */
export function keepLooking(look) {
  let timer
  const next = () =>
    look().then(() => {
      if (timer !== undefined) timer = setTimeout(next, pace)
    })
  timer = setTimeout(next)
  return () => {
    clearTimeout(timer)
    timer = undefined
  }
}
