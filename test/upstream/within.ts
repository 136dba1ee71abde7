/** Milliseconds after which a wait is given up: for a message that says what was missing. */
const PATIENCE = 20_000

/** What is promised, or an error that says what did not come. */
export function within<Value>(promise: Promise<Value>, what: string, patience: number = PATIENCE): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const impatient = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Cannot wait any longer for ${what}: it did not come`)), patience)
  })
  return Promise.race([promise, impatient]).finally(() => clearTimeout(timer))
}
