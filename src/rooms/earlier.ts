/** The shorter of two waits, of which there may be none. */
export function earlier(one: number, other: number | undefined): number
export function earlier(one: number | undefined, other: number | undefined): number | undefined
export function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}
