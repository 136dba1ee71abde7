/** As much of an assertion as runs everywhere. */

export function same(actual: unknown, expected: unknown, what = 'what was seen'): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (is !== should) throw new Error(`${what} is ${is}, and should be ${should}`)
}

export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(`it does not hold that ${what}`)
}

/** What a promise rejects with. */
export const rejection = (
  promise: Promise<unknown>,
): Promise<{ code?: string; status?: number; cause?: unknown; retryAfter?: number; message: string }> =>
  promise.then(
    (value) => {
      throw new Error(`it resolved with ${JSON.stringify(value)}, and should reject`)
    },
    (error) => error,
  )

/** Resolves as soon as `is` does so with true: looked at every few milliseconds, by a timer that no test has replaced. */
export async function until(is: () => boolean, what: string): Promise<void> {
  for (let looks = 0; !is(); looks++) {
    if (looks > 3_000) throw new Error(`it never came that ${what}`)
    await new Promise((resolve) => realTimeout(resolve, 3))
  }
}

const realTimeout = globalThis.setTimeout
