// The Tabs page: many tabs of one browser that read a room over one connection, and what becomes of it when one is closed.
import { byId } from './element.js'
import { publish } from './publish.js'
import { roomName } from './room-address.js'
import { spoken } from './spoken.js'
import { stateIndicator } from './state-indicator.js'
import { steadySpeaker } from './steady-speaker.js'
import { onSwitch } from './switch.js'
import { tabList } from './tab-list.js'
import { tabReading } from './tab-reading.js'
import { keepLooking, tabRoll } from './tab-roll.js'
import { tabTalk } from './tab-talk.js'
import { wireLines } from './wire-lines.js'

/** Characters of a message that are shown: whoever may publish here may say more. */
const longest = 300

const asked = new URLSearchParams(location.hash.slice(1)).get('room') ?? ''
const room = roomName.test(asked) ? asked : 'tabs'
const name = `tabs:${room}`
/** Whether each tab is on its own: all tabs know it from here. */
const place = `edge-sse:tabs-apart:${room}`

const showState = stateIndicator(byId('state'))
const list = tabList(byId('tabs'))
const heard = wireLines(byId('heard'))
const reports = new Map()

const roll = await tabRoll(name)
const { me } = roll
let now = await roll.look()
// Whoever is the first here begins as the page is meant to be.
if (now.tabs.length <= 1) keepApart(false, { isQuiet: true })
let isShared = !isApart()
let state = 'connecting'
let readers
let hasLeft = false

const reading = tabReading(room, name, {
  message({ id, event, data }) {
    const { from, text } = spoken({ data })
    const said = event === 'tick' ? tickIn(data) : from ? `${from}: ${text}` : text
    heard.show(`id: ${id}  ${said.slice(0, longest)}`, 'id')
    talk.changed()
  },
  readers(count) {
    readers = count
    talk.changed()
  },
  state(next) {
    state = next
    showState(next === 'stalled' ? 'resuming' : next === 'closed' ? 'cut' : next)
    if (next === 'signed-out' || next === 'refused')
      tell('This server asks for a token: sign in on the Room page first.')
    talk.changed()
  },
})

const talk = tabTalk(name, me, {
  report: () => ({ ...reading.figures, state, readers }),
  heard(tab, report) {
    reports.set(tab, report)
    // One that is told begins in the middle, and has not heard how many they are.
    readers ??= report.readers
    draw()
  },
  close,
})

const toggle = steadySpeaker(
  room,
  (count) => ({ tick: count, by: me }),
  (isOn) => {
    byId('tick').setAttribute('aria-pressed', String(isOn))
    byId('tick').textContent = isOn ? 'Stop sending' : 'Send 20 a second'
  },
)

function draw() {
  list.draw(now, reports, { me, isShared })
  byId('count').textContent = String(now.tabs.length)
  byId('readers').textContent = String(readers ?? '–')
  byId('missed').textContent = String(reading.figures.missed)
  byId('twice').textContent = String(reading.figures.twice)
  byId('end').disabled = !isShared || now.leader === undefined
}

async function look() {
  const before = now.leader
  now = await roll.look()
  for (const tab of reports.keys()) if (!now.tabs.includes(tab)) reports.delete(tab)
  const { leader } = now
  if (isShared && state === 'live' && before !== undefined && leader !== undefined && leader !== before)
    tell(`Tab ${before} has gone, and tab ${leader} leads now: it went on where that one stopped.`)
  draw()
}

function tell(text) {
  if (byId('story').textContent !== text) byId('story').textContent = text
}

const setShared = onSwitch(byId('shared'), (isOn) => keepApart(!isOn))

const ways = {
  true: 'One tab has a connection to the server, and tells all others what it reads.',
  false:
    'Each tab has a connection of its own. Over HTTP/1.1 a browser has six for a site: the seventh tab waits, and nothing can be said, until this is switched on again.',
}

function follow() {
  isShared = !isApart()
  setShared(isShared)
  tell(ways[isShared])
  reading.read(isShared)
  draw()
}

function isApart() {
  try {
    return localStorage.getItem(place) === 'yes'
  } catch {
    return false
  }
}

function keepApart(isIt, { isQuiet = false } = {}) {
  try {
    if (isIt) localStorage.setItem(place, 'yes')
    else localStorage.removeItem(place)
  } catch {
    // Without storage all tabs share.
  }
  if (!isQuiet) follow()
}

/** A browser lets a page close what a page has opened; of any other tab only the part is over. */
function close() {
  window.close()
  setTimeout(async () => {
    if (hasLeft) return
    hasLeft = true
    stopLooking()
    talk.leave()
    await reading.close()
    roll.leave()
    showState('cut', 'Has left')
    tell('This tab has left, as if it were closed. Load it anew to come back.')
    for (const one of document.querySelectorAll('.instrument :is(button, input)')) one.disabled = true
  }, 300)
}

/** A number of somebody else's may be anything. */
const tickIn = (data) => {
  try {
    const { tick, by } = JSON.parse(data)
    return `tick ${Number(tick)} of tab ${Number(by)}`
  } catch {
    return 'tick'
  }
}

byId('me').textContent = String(me)
byId('room').textContent = room
document.title = `Tab ${me} · Tabs · edge-sse`
byId('open').addEventListener('click', () => window.open(location.href))
byId('end').addEventListener('click', () => now.leader !== undefined && talk.askToClose(now.leader))
byId('tick').addEventListener('click', toggle)
byId('say').addEventListener('submit', async (event) => {
  event.preventDefault()
  const text = byId('text').value.trim()
  if (text === '') return
  const message = { event: 'chat', data: { from: `Tab ${me}`, text } }
  const { reason } = await publish(room, message, crypto.randomUUID())
  if (reason) tell(`Not said: ${reason}.`)
  else byId('text').value = ''
})
addEventListener('storage', ({ key }) => key === place && follow())
addEventListener('hashchange', () => location.reload())
follow()
const stopLooking = keepLooking(look)
