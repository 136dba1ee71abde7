// Makes one element from plain text: whatever a stranger sent, it is text and never markup.

/**
 * @param {string} name the tag
 * @param {string} className
 * @param {string} [text]
 */
export function element(name, className, text) {
  const made = document.createElement(name)
  made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

/** The element with this id; a page without it is a mistake of ours, so it is said at once. */
export function byId(id) {
  const found = document.getElementById(id)
  if (!found) throw new Error(`Cannot start the page: no element has the id ${id}`)
  return found
}
