/** A rule that does not hold, and the entries that show it. */
import type { Entry } from './entries.ts'

export type Rule = 'R1' | 'R2' | 'R3' | 'R4' | 'R5' | 'R6' | 'R7' | 'R8' | 'R9'

export interface Violation {
  rule: Rule
  text: string
  records: Entry[]
}

/** Reports a violation by the places of its entries. */
export type Report = (rule: Rule, text: string, indices: number[]) => void
