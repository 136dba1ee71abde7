// How long something still holds, in words that change as seldom as they can: seconds count in the last minute alone.

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]

/**
 * @param {(words: string) => void} say `in 12 min`, and at the end `now`
 * @returns {(until?: number) => void} begins anew, with the time in milliseconds since 1970; without one it stops
 */
export function timeLeft(say) {
  let timer

  function tick(until) {
    const left = until - Date.now()
    const [unit, name] =
      left < minute ? [second, 's'] : left < hour ? [minute, 'min'] : left < 2 * day ? [hour, 'h'] : [day, 'days']
    if (left <= 0) return say('now')
    say(`in ${Math.floor(left / unit)} ${name}`)
    // Just past the moment at which these words are wrong. A browser takes no timer of a month.
    timer = setTimeout(tick, Math.min((left % unit) + 20, day), until)
  }

  return (until) => {
    clearTimeout(timer)
    if (until !== undefined) tick(until)
  }
}
