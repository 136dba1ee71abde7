// Buttons that copy a text of the page: `<button data-copies="id">` copies what the element with that id says.

/** Long enough to read two words, in milliseconds. */
const readable = 3000

/** Takes over every copy button of the page. */
export function copyButtons() {
  for (const button of document.querySelectorAll('[data-copies]')) {
    const target = document.getElementById(button.dataset.copies)
    onCopy(button, () => target.textContent.trim())
  }
}

/** Makes one button copy whatever `text()` gives at that moment. */
export function onCopy(button, text) {
  const label = button.textContent
  button.addEventListener('click', async () => {
    button.textContent = await write(text())
    setTimeout(() => (button.textContent = label), readable)
  })
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text)
    return 'Copied'
  } catch {
    return 'Not allowed here'
  }
}
