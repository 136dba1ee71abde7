// The Progress page: starts a job on the server and watches it; the job goes on whether anybody watches or not.
import { byId } from './element.js'
import { jobInAddress, onJobInAddress, putIntoAddress } from './job-address.js'
import { startJob, stopJob } from './job-requests.js'
import { jobStream } from './job-stream.js'
import { jobView } from './job-view.js'
import { Refusal } from './refusal.js'
import { wireLines } from './wire-lines.js'

const button = byId('run')
const again = byId('again')
const steps = byId('steps')
const wire = wireLines(byId('wire'))
const view = jobView()

let id = ''
let stream
let isRunning = false
/** The key of a start whose answer is not known: one more attempt with it is never a second job. */
let key

function watch(job) {
  stream?.close()
  id = job
  isRunning = true
  button.textContent = 'Stop'
  again.href = location.href
  again.hidden = false
  view.clear()
  stream = jobStream(wire, job, {
    progress: view.progress,
    log: (line) => view.line(line),
    gap: () => view.line('… the lines before are not kept any more', 'log-gap'),
    state: (state) => view.state(state, state === 'live' ? 'Running' : undefined),
    trouble: (text) => view.tell(text, 'bad'),
    end({ word, text, isDone }) {
      over()
      view.state(isDone ? 'ended' : word === 'Stopped' ? 'cut' : 'failed', word)
      view.tell(text, isDone || word === 'Stopped' ? 'none' : 'bad')
    },
  })
}

function over() {
  isRunning = false
  button.textContent = 'Start another'
}

async function start() {
  stream?.close()
  wire.clear()
  view.clear()
  button.disabled = true
  view.state('connecting', 'Starting')
  key ??= Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(36)).join('')
  try {
    const job = await startJob(wire, Number(steps.value), key)
    key = undefined
    putIntoAddress(job)
    watch(job)
  } catch (error) {
    // Whoever was refused asks for something else next time.
    if (error instanceof Refusal) key = undefined
    view.state('failed', 'Not started')
    view.tell(error.message, 'bad')
    button.textContent = 'Try again'
  }
  button.disabled = false
  button.focus()
}

async function stop() {
  view.state('live', 'Stopping')
  try {
    await stopJob(wire, id)
  } catch (error) {
    view.tell(`It was not stopped. ${error.message}`, 'bad')
  }
}

byId('form').addEventListener('submit', (event) => {
  event.preventDefault()
  if (!button.disabled && !isRunning) start()
})
button.addEventListener('click', () => {
  if (isRunning) stop()
  else byId('form').requestSubmit()
})

function follow(job) {
  if (job === '' || job === id) return
  wire.clear()
  watch(job)
}
onJobInAddress(follow)
follow(jobInAddress())
