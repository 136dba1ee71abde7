/** The value below which a share of all values lies; the middle one by default. */
export function percentile(values: readonly number[], share: number = 0.5): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
