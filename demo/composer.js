// The box one speaks into: Enter sends, the text stays until the room has it, and a failure is said.
import { publish } from './publish.js'

/**
 * @param {HTMLFormElement} form with a textarea, a button and an element for what went wrong
 * @param {object} options
 * @param {() => { room: string, name: string }} options.who
 * @param {(id: string) => void} options.onPublished
 */
export function composer(form, { who, onPublished }) {
  const box = form.querySelector('textarea')
  const button = form.querySelector('[type=submit]')
  const trouble = form.querySelector('.trouble')
  let attempt
  let sending = false

  box.addEventListener('keydown', (event) => {
    // While a word is being composed (Japanese, Chinese, Korean) Enter belongs to the input method.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    form.requestSubmit()
  })

  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const text = box.value
    if (sending || text.trim() === '') return
    const { room, name } = who()
    // The same text again after a failure is the same message: it may have arrived although we heard nothing.
    if (attempt?.room !== room || attempt.name !== name || attempt.text !== text) {
      attempt = { room, name, text, key: crypto.randomUUID() }
    }
    sending = true
    form.setAttribute('aria-busy', 'true')
    try {
      const published = await publish(room, { event: 'chat', data: { from: name, text } }, attempt.key)
      attempt = undefined
      trouble.textContent = ''
      if (box.value === text) box.value = ''
      onPublished(published.id)
    } catch (error) {
      trouble.textContent = `Not sent: ${error.message}. Your text is still here; send it again when you like.`
    } finally {
      sending = false
      form.removeAttribute('aria-busy')
    }
  })

  return {
    focus: () => box.focus(),
    clear() {
      box.value = ''
      trouble.textContent = ''
    },
    button,
  }
}
