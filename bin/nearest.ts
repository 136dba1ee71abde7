/** Of the names there are, the one that was probably meant: the fewest letters to change, and not more than a third. */
export function nearest(given: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(1, Math.floor(given.length / 3)) + 1
  for (const name of names) {
    const far = name.startsWith(given) && given.length > 1 ? 0.5 : distance(given, name)
    if (far < least) [best, least] = [name, far]
  }
  return best
}

/** Letters to put in, take out, change, or swap with the next (optimal string alignment). */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 16 || a.length > 64) return Number.POSITIVE_INFINITY
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i]
    for (let j = 1; j <= b.length; j++) {
      let far = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) far = Math.min(far, at(i - 2, j - 2) + 1)
      rows[i]?.push(far)
    }
  }
  return at(a.length, b.length)
}
