// What the tabs of this page tell each other: how far each of them is, and what one asks of another.

/** Milliseconds between two reports: more often nobody can read them. */
const calm = 100

/**
 * @typedef {{ cursor: string, read: number, missed: number, twice: number, state: string, readers?: number }} Report
 */

/**
 * @param {string} name
 * @param {number} me
 * @param {object} on
 * @param {() => Report} on.report
 * @param {(tab: number, report: Report) => void} on.heard also of this tab itself
 * @param {() => void} on.close this tab is asked to close itself
 */
export function tabTalk(name, me, on) {
  // Nobody but pages of this site in this browser can speak here.
  const channel = new BroadcastChannel(`edge-sse-tab:${name}`)
  let timer

  channel.addEventListener('message', ({ data }) => {
    const { tab, report, hello, close } = data
    if (report) on.heard(tab, report)
    if (hello) tell()
    if (close === me) on.close()
  })

  function tell() {
    timer = undefined
    const report = on.report()
    channel.postMessage({ tab: me, report })
    on.heard(me, report)
  }

  channel.postMessage({ hello: true })
  return {
    /** Something has changed. */
    changed() {
      timer ??= setTimeout(tell, calm)
    },
    /** @param {number} tab */
    askToClose: (tab) => (tab === me ? on.close() : channel.postMessage({ close: tab })),
    leave() {
      clearTimeout(timer)
      channel.close()
    },
  }
}
