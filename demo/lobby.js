// The way into a room: a form that asks for the room and a name, in place of which there is then the conversation.
import { byId } from './element.js'

/**
 * @param {string} page what its title says
 * @param {{ room: string, name: string }} here what stands in the form at first
 * @param {(here: { room: string, name: string }) => void} onJoin
 */
export function lobby(page, here, onJoin) {
  const form = byId('join')
  const { room, name } = form.elements
  room.value = here.room
  name.value = here.name
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    onJoin({ room: room.value.trim(), name: name.value.trim() })
  })

  function show(isInside) {
    byId('lobby').hidden = isInside
    byId('conversation').hidden = !isInside
  }

  return {
    /** @param {{ room: string, name: string }} here */
    enter(here) {
      document.title = `${here.room} · ${page} · edge-sse`
      byId('room-title').textContent = here.room
      byId('you').textContent = here.name
      show(true)
    },
    leave() {
      document.title = `${page} · edge-sse`
      show(false)
      room.focus()
    },
  }
}
