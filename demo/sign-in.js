// The form that asks for a token. What is pasted is in its field until it is sent, and nowhere else on the page.
import { byId } from './element.js'

/**
 * @param {HTMLFormElement} form
 * @param {(token: string) => void} onToken
 */
export function signIn(form, onToken) {
  const field = form.elements.token
  const why = byId('sign-in-why')
  // Writing the same words again would make some screen readers say them again.
  const say = (text) => {
    if (why.textContent !== text) why.textContent = text
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    // A terminal breaks long lines, and what is copied from a header begins with its scheme.
    const token = field.value
      .trim()
      .replace(/^bearer\s+/i, '')
      .replaceAll(/\s/g, '')
    field.value = ''
    if (/^[\x21-\x7e]+$/.test(token)) {
      say('Asking the server …')
      onToken(token)
    } else {
      say('That is no token: it holds only letters, digits and signs. Paste another one.')
      field.focus()
    }
  })

  return {
    /** Shows it with this sentence; one who is to sign in begins in its field. */
    ask(text) {
      const isNew = form.hidden
      form.hidden = false
      say(text)
      if (isNew || document.activeElement === document.body || form.contains(document.activeElement)) field.focus()
    },
    /** Says whether it was there. */
    hide() {
      const wasThere = !form.hidden
      form.hidden = true
      field.value = ''
      say('')
      return wasThere
    },
  }
}
