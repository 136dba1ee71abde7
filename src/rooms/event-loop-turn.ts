/** One turn of the event loop: what came in with the same turn has been handled when it resolves. */

const waiting: (() => void)[] = []

/** workerd's, not in the standard library of types. */
const { scheduler } = globalThis as { scheduler?: { wait?: (milliseconds: number) => Promise<void> } }

/** `scheduler.wait` where there is one (workerd), else a message to oneself: a timer of 0 takes at least 1 ms on Node. */
export const eventLoopTurn = (): Promise<void> => scheduler?.wait?.(0) ?? messageTurn()

let channel: MessageChannel | undefined

function messageTurn(): Promise<void> {
  channel ??= openChannel()
  const { port1, port2 } = channel
  return new Promise((resolve) => {
    waiting.push(resolve)
    hold(port2, true)
    port1.postMessage(0)
  })
}

function openChannel(): MessageChannel {
  const opened = new MessageChannel()
  opened.port2.onmessage = () => {
    waiting.shift()?.()
    if (waiting.length === 0) hold(opened.port2, false)
  }
  for (const port of [opened.port1, opened.port2]) hold(port, false)
  return opened
}

/** Node and Bun stay alive for an open port, so it counts only while somebody waits. */
const hold = (port: MessagePort, alive: boolean): void => {
  const { ref, unref } = port as { ref?: () => void; unref?: () => void }
  ;(alive ? ref : unref)?.call(port)
}
