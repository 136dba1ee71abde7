/** Who wants to know when the stream that answers a request has ended: closed, or left by its reader. */

const calls = new WeakMap<Request, () => void>()

/** Calls once the stream is over. It has to be asked for before the stream is made. */
export const onStreamEnd = (request: Request, call: () => void): void => void calls.set(request, call)

export const streamEnded = (request: Request): void => calls.get(request)?.()
