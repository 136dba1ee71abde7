/** Lines that say how far a long test is. */
const began = performance.now()

export const progress = (text: string): void =>
  console.log(`  ${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}`)
