// Turns the data of an event into who said what; data in any other shape is shown as it came.

/**
 * @param {{ data: string }} message
 * @returns {{ from?: string, text: string, raw: boolean }}
 */
export function spoken({ data }) {
  let value
  try {
    value = JSON.parse(data)
  } catch {
    return { text: data, raw: false }
  }
  if (typeof value === 'string') return { text: value, raw: false }
  if (typeof value?.from === 'string' && typeof value.text === 'string') {
    return { from: value.from, text: value.text, raw: false }
  }
  return { text: data, raw: true }
}
