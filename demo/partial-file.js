// A file that comes in parts: what there is of it, and how to ask for the rest.
// https://www.rfc-editor.org/rfc/rfc9110#name-range-requests

export function partialFile() {
  let pieces = []
  let received = 0
  let size
  let etag

  function forget() {
    pieces = []
    received = 0
    size = undefined
  }

  return {
    get received() {
      return received
    },
    /** How long it is; unknown where the server does not say. */
    get size() {
      return size
    },
    get bytes() {
      return new Blob(pieces)
    },
    /** The headers that ask for what is missing, if it is still the same file. */
    get wanted() {
      return received && etag ? { range: `bytes=${received}-`, 'if-range': etag } : {}
    },
    /**
     * Gets ready for the body of this answer. Gives the place where it begins: 0 where the server sends the file from its
     * beginning, because it is another one by now or because that was asked for.
     * @param {Response} answer
     */
    begin(answer) {
      const range = answer.headers.get('content-range')?.match(/^bytes (\d+)-\d+\/(\d+)$/)
      if (answer.status === 206 && Number(range?.[1]) !== received)
        throw new Error('The server sent another part than was asked for.')
      if (answer.status !== 206) forget()
      const length = answer.headers.get('content-length')
      size = range ? Number(range[2]) : length === null ? undefined : Number(length)
      etag = answer.headers.get('etag')
      return received
    },
    add(piece) {
      pieces.push(piece)
      received += piece.byteLength
    },
    forget,
  }
}
