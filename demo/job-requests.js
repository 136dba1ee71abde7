// Starts and stops a job; each request and its answer stand on the wire.
import { reason } from './stream-reader.js'

/** How long an answer may take, in milliseconds. */
const patience = 10_000

/**
 * @param {ReturnType<import('./wire-lines.js').wireLines>} wire
 * @param {number} steps
 * @param {string} key an Idempotency-Key: the same for another attempt, so that it never starts a second job
 * @returns {Promise<string>} its id; rejects with words
 */
export async function startJob(wire, steps, key) {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key }
  const answer = await ask(wire, '/progress', { method: 'POST', headers, body: JSON.stringify({ steps }) })
  const body = await answer.text()
  wire.show(body.trimEnd(), 'json')
  wire.show('', 'end')
  return JSON.parse(body).id
}

/** Asks for its end, which then comes with its events; rejects with words. */
export async function stopJob(wire, id) {
  await ask(wire, `/progress/${encodeURIComponent(id)}`, { method: 'DELETE' })
}

async function ask(wire, path, init) {
  wire.show(`${init.method} ${path}`, 'request')
  for (const [name, value] of Object.entries(init.headers ?? {})) wire.show(`${name}: ${value}`, 'request-header')
  if (init.body) wire.show(init.body, 'request-header')
  const answer = await fetch(path, { ...init, signal: AbortSignal.timeout(patience) }).catch(() => {
    wire.show('no answer', 'break')
    throw new Error('The server cannot be reached.')
  })
  wire.show(`${answer.status} ${answer.statusText}`.trim(), 'answer')
  if (!answer.ok) throw new Error(`The server refused: ${await reason(answer)}.`)
  return answer
}
