// Shows the state of a connection as a shape, a colour and a word; the word is announced when it changes.

/** The word for each state, where the page has nothing better to say. */
const words = {
  idle: 'Not connected',
  connecting: 'Connecting',
  live: 'Live',
  resuming: 'Reconnecting',
  offline: 'Offline',
  gap: 'Live, after a gap',
  busy: 'Busy',
  cut: 'Cut',
  'signed-out': 'Signed out',
  refused: 'Not reading',
  ended: 'Ended',
}

/** Takes over a `.state` element and returns the function that changes it. */
export function stateIndicator(target) {
  const text = target.querySelector('.state-text')
  return function show(state, word = words[state]) {
    target.dataset.state = state
    // Writing the same word again would make some screen readers say it again.
    if (text.textContent !== word) text.textContent = word
  }
}
