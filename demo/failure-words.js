// Why an answer failed or was refused, for whoever reads it: by the code that the server gives it.

const words = {
  'producer-failed': 'something went wrong on the server',
  'producer-lost': 'the server it ran on has gone',
  'producer-timeout': 'it took too long',
  'unknown-provider': 'there is no such model here',
  'upstream-busy': 'the model has too much to do just now',
  'upstream-failed': 'the model has failed',
  'upstream-incomplete': 'the model stopped before its end',
  'upstream-malformed': 'the model sent what nobody can read',
  'upstream-refused': 'the model could not be reached',
  'upstream-rejected': 'the model did not take the question',
  'upstream-reset': 'the connection to the model broke off',
  'upstream-timeout': 'the model fell silent',
  'upstream-too-large': 'it became longer than an answer may be',
}

/**
 * @param {string} code
 * @param {unknown} [message] what the server says, for a code that is not known here
 */
export function failureWords(code, message) {
  // A code is whatever the stream says: not a name that every object has.
  if (Object.hasOwn(words, code)) return words[code]
  const text = String(message ?? '')
    .replace(/^Cannot [\w ]+: /, '')
    .replace(/\.$/, '')
  return text || 'it does not say why'
}
