/** Every case of the specification and of web-platform-tests of which we know. */
import { comments } from './comments.ts'
import { examples } from './examples.ts'
import { fields } from './fields.ts'
import { ids } from './ids.ts'
import { lines } from './lines.ts'
import type { ParseCase } from './parse-case.ts'
import { retries } from './retries.ts'
import { utf8 } from './utf8.ts'
import { wptCases } from './wpt.ts'

const topics: Record<string, ParseCase[]> = {
  'examples of the specification': examples,
  'web-platform-tests': wptCases,
  lines,
  fields,
  ids,
  retries,
  comments,
  'UTF-8': utf8,
}

export const parseCases: ParseCase[] = Object.entries(topics).flatMap(([topic, cases]) =>
  cases.map((each) => ({ ...each, name: `${topic}: ${each.name}` })),
)
