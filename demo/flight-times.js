// How long a message took from Send to the screen, without trusting anybody else's clock: only what this browser's own
// windows sent is timed, because they share one.

/** Ids remembered whose other half, being sent or being shown, is still to come. */
const most = 200

/** Whatever takes longer says more of a sleeping window than of the way, in milliseconds. */
const longest = 60_000

/** @param {(time: { milliseconds: number, own: boolean }) => void} onTime `own`: sent by this window */
export function flightTimes(onTime) {
  const sent = new Map()
  const shown = new Map()
  // Nobody but pages of this origin in this browser can speak here.
  const windows = new BroadcastChannel('edge-sse:sent')
  windows.addEventListener('message', ({ data }) => note(sent, data.id, { own: false, wall: data.wall }))

  function note(half, id, value) {
    half.set(id, value)
    if (half.size > most) half.delete(half.keys().next().value)
    const [from, to] = [sent.get(id), shown.get(id)]
    if (!from || !to) return
    sent.delete(id)
    shown.delete(id)
    const milliseconds = from.own ? to.steady - from.steady : to.wall - from.wall
    if (milliseconds >= 0 && milliseconds < longest) onTime({ milliseconds, own: from.own })
  }

  return {
    /** This window sent it at `steady`, on the clock of `performance`, and the room named it `id`. */
    sent(id, steady) {
      note(sent, id, { own: true, steady })
      // Another window's clock of `performance` began at another time.
      windows.postMessage({ id, wall: Date.now() - (performance.now() - steady) })
    },

    /** It was just put on the page, live; it counts as shown once the frame with it is drawn. */
    shown(id) {
      // A page nobody looks at draws no frames.
      if (document.hidden) return
      requestAnimationFrame(() => setTimeout(() => note(shown, id, { steady: performance.now(), wall: Date.now() })))
    },
  }
}
