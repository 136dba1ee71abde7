/** The memory of this process, and how much of it may be used before no more streams are taken on. */
import { totalmem } from 'node:os'
import process from 'node:process'

/** The rest is for what its streams ask for, and for the machine. */
const SHARE = 0.8

export const usedMemory = (): number => process.memoryUsage.rss()

/** Bytes: four fifths of what the machine has, or the container may use. Undefined where that is not told. */
export function memoryLimit(): number | undefined {
  try {
    return Math.floor(SHARE * Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY))
  } catch {
    return undefined // Deno asks for --allow-sys=systemMemoryInfo.
  }
}
