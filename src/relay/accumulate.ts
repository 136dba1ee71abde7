/** Pieces of an object put together, as clients of chat completions do it: https://github.com/openai/openai-node/blob/master/src/lib/ChatCompletionStream.ts */

export type Fields = Record<string, unknown>

/** Texts that come whole, and from some with each piece again. */
const WHOLE = new Set(['id', 'name', 'role', 'type'])
/** Levels of objects in each other: deeper ones are as they were said last. */
const DEPTH = 8

/** Without a prototype: a model may call a field `__proto__`. */
export const noFields = (): Fields => Object.create(null)

/**
 * Adds a piece to what `noFields` began. Texts grow, but for `id`, `name`, `role` and `type`; lists get longer; objects are
 * put together by the same rule; anything else is as it was said last. null says nothing, and so does an empty text after
 * another. The package `openai` does that with the fields that it knows, this with any. `texts: 'replace'` is for
 * what is said about a piece, as the reason why it is the last: there no text grows. `piece` stays as it is.
 */
export function accumulate(
  whole: Fields,
  piece: object,
  texts: 'grow' | 'replace' = 'grow',
  depth: number = DEPTH,
): void {
  for (const [field, value] of Object.entries(piece)) {
    if (value === null || value === undefined) continue
    const before = whole[field]
    if (typeof value === 'string' && typeof before === 'string')
      whole[field] = texts === 'grow' && !WHOLE.has(field) ? before + value : value || before
    else if (Array.isArray(value)) {
      const list: unknown[] = Array.isArray(before) ? before : []
      // One by one: a copy for each piece would cost more with each, and arguments of a call are limited.
      for (const item of value) list.push(item)
      whole[field] = list
    } else if (isFields(value) && depth > 1) {
      const fields = isFields(before) ? before : noFields()
      accumulate(fields, value, texts, depth - 1)
      whole[field] = fields
    } else whole[field] = value
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
