/**
 * Reads one stream after the other with one reader, in this process alone, and prints what each message cost:
 * `client-launch.ts READER URL MESSAGES ROUNDS`. Each round ends with the event `over`.
 */
import process from 'node:process'

type Read = (url: string) => Promise<number>

/** Each is loaded alone: what another brings along costs nothing here. */
const readers: Record<string, () => Promise<Read>> = {
  connect: async () => {
    const { connect } = await import('../src/client.ts')
    return async (url) => {
      let count = 0
      for await (const { event } of connect(url)) {
        if (event === 'over') break
        count++
      }
      return count
    }
  },
  'eventsource-client': async () => {
    const { createEventSource } = await import('eventsource-client')
    return async (url) => {
      let count = 0
      const source = createEventSource(url)
      for await (const { event } of source) {
        if (event === 'over') break
        count++
      }
      source.close()
      return count
    }
  },
  eventsource: async () => {
    const { EventSource } = await import('eventsource')
    return (url) => byEvents(new EventSource(url))
  },
  'undici EventSource': async () => {
    const { EventSource } = await import('undici')
    return (url) => byEvents(new EventSource(url) as unknown as EventTarget & { close(): void })
  },
  'EventSource of edge-sse': async () => {
    const { EventSource } = await import('../src/client/event-source.ts')
    return (url) => byEvents(new EventSource(url))
  },
  'fetch and parseMessages': async () => {
    const { parseMessages } = await import('../src/parse.ts')
    return async (url) => {
      let count = 0
      const { body } = await fetch(url)
      for await (const { event } of parseMessages(body as unknown as AsyncIterable<Uint8Array>)) {
        if (event === 'over') break
        count++
      }
      return count
    }
  },
}

function byEvents(source: EventTarget & { close(): void }): Promise<number> {
  let count = 0
  const onMessage = (): void => {
    count++
  }
  return new Promise((resolve) => {
    for (const name of ['message', 'chat']) source.addEventListener(name, onMessage)
    source.addEventListener('over', () => {
      source.close()
      resolve(count)
    })
  })
}

const [name = '', url = '', messages = '', rounds = ''] = process.argv.slice(2)
const read = await readers[name]?.()
if (!read) throw new Error(`Cannot measure: no reader ${name}`)
const costs: number[] = []
for (let round = 0; round <= Number(rounds); round++) {
  const before = process.cpuUsage()
  const count = await read(`${url}/${messages}`)
  const { user, system } = process.cpuUsage(before)
  if (count !== Number(messages)) throw new Error(`Cannot measure: ${name} got ${count} of ${messages}`)
  // The first warms up.
  if (round > 0) costs.push(((user + system) * 1000) / count)
}
console.log(JSON.stringify(costs))
process.exit(0)
