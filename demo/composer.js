// The box one speaks into: Enter sends.

/**
 * @param {HTMLFormElement} form with a textarea
 * @param {(text: string) => unknown} say gives `false` for a text that is to stay in the box
 */
export function composer(form, say) {
  const box = form.querySelector('textarea')
  const button = form.querySelector('[type=submit]')
  const mute = form.querySelector('.mute')

  box.addEventListener('keydown', (event) => {
    // While a word is being composed (Japanese, Chinese, Korean) Enter belongs to the input method.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    form.requestSubmit()
  })

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const text = box.value
    if (text.trim() === '') return
    if (say(text) !== false) box.value = ''
  })

  return {
    focus: () => box.focus(),
    /** Lets nobody speak, and says why; with no words it lets them again. What was typed stays. */
    mute(why = '') {
      if (mute.textContent !== why) mute.textContent = why
      box.disabled = button.disabled = why !== ''
    },
    /** Puts a text back into the box, above what was typed since. */
    takeBack(text) {
      box.value = box.value === '' ? text : `${text}\n${box.value}`
      box.focus()
    },
    clear() {
      box.value = ''
    },
  }
}
