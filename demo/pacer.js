// Takes a body slowly, so that there is time to cut it: on one machine a file is there before a hand can move.

/** At most so many bytes at a time, and then a pause in milliseconds: about 40 KiB a second. */
const [most, rest] = [4096, 100]

/**
 * @param {AbortSignal} signal ends it: what was not taken by then is not taken
 * @param {(bytes: Uint8Array) => void} take
 * @returns {(text: string, bytes: Uint8Array) => Promise<void>} for `readStream`, which waits for it
 */
export const pacer = (signal, take) => async (_, bytes) => {
  for (let at = 0; at < bytes.byteLength && !signal.aborted; at += most) {
    take(bytes.slice(at, at + most))
    await pause(signal)
  }
}

function pause(signal) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, rest)
    signal.addEventListener('abort', end)
  })
}
