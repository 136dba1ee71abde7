// Starts and stops a job; each request and its answer stand on the wire.
import { wireRequest } from './wire-request.js'

/**
 * @param {ReturnType<import('./wire-lines.js').wireLines>} wire
 * @param {number} steps
 * @param {string} key an Idempotency-Key: the same for another attempt, so that it never starts a second job
 * @returns {Promise<string>} its id; rejects as `wireRequest` does
 */
export async function startJob(wire, steps, key) {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key }
  const answer = await wireRequest(wire, '/progress', { method: 'POST', headers, body: JSON.stringify({ steps }) })
  const body = await answer.text()
  wire.show(body.trimEnd(), 'json')
  wire.show('', 'end')
  return JSON.parse(body).id
}

/** Asks for its end, which then comes with its events; rejects with words. */
export async function stopJob(wire, id) {
  await wireRequest(wire, `/progress/${encodeURIComponent(id)}`, { method: 'DELETE' })
}
