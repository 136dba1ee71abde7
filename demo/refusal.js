// An answer that is none: its words for whoever watches the page, and what a page has to know of it besides.
// https://www.rfc-editor.org/rfc/rfc9457

/** The longest that a server may ask to wait, in milliseconds. */
const longest = 120_000

export class Refusal extends Error {
  /** @param {{ reason: string, status: number, slug?: string, wait?: number }} refusal `wait` in milliseconds */
  constructor({ reason, status, slug = '', wait = 0 }) {
    super(`The server refused: ${reason}.`)
    /** Why, without the full stop that the page puts there. */
    this.reason = reason
    this.status = status
    /** What the problem is called; empty for an answer that is none of edge-sse's own. */
    this.slug = slug
    this.wait = wait
  }

  /** The same in seconds: `connect` waits for as long after what its functions throw. */
  get retryAfter() {
    return this.wait / 1000
  }

  /** It will be the same next time. */
  get isFinal() {
    return this.status >= 400 && this.status < 500 && ![408, 429].includes(this.status)
  }
}

/** @param {Response} answer whose body was not read yet */
export const refusalOf = async (answer) => refusal(answer.status, await answer.json().catch(() => ({})), waitOf(answer))

/**
 * What `connect` was refused with; undefined for whatever else went wrong.
 * @param {unknown} error
 */
export function refusalIn(error) {
  if (error instanceof Refusal) return error
  if (error?.cause instanceof Refusal) return error.cause
  return error?.code === 'refused' && error.status ? refusal(error.status, error.cause) : undefined
}

/** What the server asks to be left alone for, in milliseconds; 0 where it does not say. @param {Response} answer */
export function waitOf(answer) {
  const seconds = Number(answer.headers.get('retry-after'))
  return seconds > 0 ? Math.min(seconds * 1000, longest) : 0
}

function refusal(status, problem, wait = 0) {
  const { type, detail, title } = Object(problem)
  return new Refusal({
    reason: String(detail ?? title ?? `its answer was ${status}`).replace(/\.$/, ''),
    status,
    slug: /^\/problems\/([\w-]+)$/.exec(type)?.[1],
    wait,
  })
}
