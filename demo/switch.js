// Makes a `<button role="switch">` behave: a click, Space or Enter turns it, and the page is told.

/**
 * @param {HTMLElement} button with `role="switch"` and `aria-checked`
 * @param {(on: boolean) => void} onChange
 * @returns a function that sets the switch without telling the page
 */
export function onSwitch(button, onChange) {
  const set = (on) => button.setAttribute('aria-checked', String(on))
  button.addEventListener('click', () => {
    const on = button.getAttribute('aria-checked') !== 'true'
    set(on)
    onChange(on)
  })
  return set
}
