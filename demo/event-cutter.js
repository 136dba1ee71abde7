// Puts the lines of an event stream together to events, as a browser's EventSource does.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

/**
 * @param {(event: { event: string, data: string }) => void} onEvent
 * @returns {(line: string) => void} takes the next line
 */
export function eventCutter(onEvent) {
  let event = ''
  let data = []

  return (line) => {
    if (line === '') {
      if (data.length > 0) onEvent({ event: event || 'message', data: data.join('\n') })
      event = ''
      data = []
      return
    }
    const colon = line.indexOf(':')
    const [field, rest] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)]
    const value = rest.startsWith(' ') ? rest.slice(1) : rest
    if (field === 'event') event = value
    if (field === 'data') data.push(value)
  }
}
