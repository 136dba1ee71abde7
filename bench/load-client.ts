/** The load: a process of its own, so that what it costs is not counted as the server's. Driven by `load.ts`. */
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Publisher } from './load-publisher.ts'
import { eventText, Readers, type Stream } from './load-readers.ts'
import { quantile } from './statistics.ts'

export interface Workload {
  /** How many publish at once, each waiting for its answer. */
  publishers: number
  /** Milliseconds for which they do. */
  milliseconds: number
  /** Events a second; as fast as answers come if not given. */
  rate?: number
}

export interface Found {
  events: number
  deliveries: number
  /** From the first publish to the last delivery. */
  seconds: number
  /** Milliseconds from publish to delivery. */
  p50: number
  p99: number
  /** Share of one core this process used: near 1 it is the client that is measured. */
  client: number
}

export type Command =
  | { do: 'stream'; stream: Stream }
  | { do: 'open'; readers: number }
  | { do: 'publish'; workload: Workload }
  | { do: 'close' }

export type Answer = { found?: Found } | { error: string }

/** Milliseconds the last event may take to reach its last reader. */
const PATIENCE = 60_000

let readers: Readers | undefined
let stream: Stream

async function obey(command: Command): Promise<Found | undefined> {
  if (command.do === 'stream') stream = command.stream
  else if (command.do === 'close') readers?.close()
  else if (command.do === 'open') {
    readers = new Readers(stream)
    await readers.open(command.readers)
  } else if (readers) return publish(readers, command.workload)
  return undefined
}

async function publish(to: Readers, { publishers, milliseconds, rate }: Workload): Promise<Found> {
  const all = Array.from({ length: publishers }, () => new Publisher(stream.port, stream.path))
  const cpu = process.cpuUsage()
  const start = performance.now()
  let events = 0
  const publishOn = async (publisher: Publisher): Promise<void> => {
    while (performance.now() - start < milliseconds) {
      const early = rate === undefined ? 0 : start + (events / rate) * 1000 - performance.now()
      if (early > 0) await sleep(early)
      const seq = events++
      to.sending(seq)
      await publisher.publish(eventText(seq))
    }
  }
  to.restart()
  await Promise.race([to.failure, Promise.all(all.map(publishOn))])
  const deadline = performance.now() + PATIENCE
  while (to.delivered < events * to.count && performance.now() < deadline) await Promise.race([to.failure, sleep(1)])
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  for (const publisher of all) publisher.close()
  to.check(events, publishers === 1)
  const latencies = to.latencies()
  return {
    events,
    deliveries: to.delivered,
    seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    client: (user + system) / 1e6 / seconds,
  }
}

process.on('message', (command: Command) => {
  obey(command).then(
    (found) => process.send?.({ found }),
    (error: Error) => process.send?.({ error: error.message }),
  )
})
process.on('disconnect', () => process.exit())
