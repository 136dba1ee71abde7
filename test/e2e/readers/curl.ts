/** `curl -N`, and the standard's way to interpret what it prints, in as many lines as that takes. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Dispatched } from '../awkward.ts'
import type { Reader } from './reader.ts'

export const isThere: boolean = spawnSync('curl', ['--version']).status === 0

export const curl: Reader = {
  name: 'curl -N',
  reconnects: false,
  tellsIds: true,
  async read(url, { until }): Promise<Dispatched[]> {
    const child = spawn('curl', ['-N', '--silent', '--show-error', url], { stdio: ['ignore', 'pipe', 'inherit'] })
    const closed = once(child, 'close')
    let text = ''
    for await (const piece of child.stdout.setEncoding('utf8')) {
      text += piece
      if (interpret(text).some(({ event }) => event === until)) break
    }
    child.kill()
    await closed
    return interpret(text)
  },
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
function interpret(stream: string): Dispatched[] {
  const dispatched: Dispatched[] = []
  let [id, name, data] = ['', '', '']
  for (const line of stream.split(/\r\n|\r|\n/).slice(0, -1)) {
    if (line === '') {
      if (data !== '') dispatched.push({ id, event: name || 'message', data: data.slice(0, -1) })
      name = data = ''
      continue
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'data') data += `${value}\n`
    else if (field === 'event') name = value
    else if (field === 'id' && !value.includes('\0')) id = value
  }
  return dispatched
}
