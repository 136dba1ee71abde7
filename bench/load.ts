/** Load on one server: readers, publishers, and what the server's process uses meanwhile. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Answer, Command, Found, Workload } from './load-client.ts'
import type { Stream } from './load-readers.ts'
import { cpuSeconds, machineSeconds, residentBytes, socketBytes } from './process-usage.ts'

/** A server under load. */
export interface Target extends Stream {
  pid: number
  /** Bytes its runtime keeps for what is young, where that is known: it grows with traffic, up to a size of its own. */
  young?(): Promise<number>
  close(): Promise<void>
}

export interface Outcome extends Found {
  /** Deliveries a second. */
  rate: number
  /** Microseconds of the server's CPU for one delivery. */
  cpu: number
  /** Most bytes that server and kernel held meanwhile, above what the server had before anyone came. */
  memory: number
  sockets: number
  /** Share of the machine that went to neither server nor client: above some percent, figures are not worth much. */
  others: number
}

export interface Held {
  /** Bytes that readers cost who have come and get nothing: in the server, and in the kernel. */
  memory: number
  /** Of `memory`: what the runtime keeps for the young, however many readers there are. 0 where that is not known. */
  young: number
  sockets: number
}

export interface Load {
  /** Opens readers, and says what they cost. */
  open(readers: number): Promise<Held>
  publish(workload: Workload): Promise<Outcome>
  close(): Promise<void>
}

const settled = (milliseconds = 500): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

export async function startLoad({ pid, port, path, ready, young = async () => 0 }: Target): Promise<Load> {
  const client = fork(new URL('load-client.ts', import.meta.url), { stdio: 'inherit' })
  await tell(client, { do: 'stream', stream: { port, path, ready } })
  // What runs for the first time is compiled first: that is not what a reader costs.
  await tell(client, { do: 'open', readers: 20 })
  await tell(client, { do: 'publish', workload: { publishers: 1, milliseconds: 1_000 } })
  await tell(client, { do: 'close' })
  await settled()
  const before = { young: await young(), memory: residentBytes(pid), sockets: socketBytes() }
  return {
    async open(readers) {
      await tell(client, { do: 'open', readers })
      await settled()
      const held = {
        memory: residentBytes(pid) - before.memory,
        young: (await young()) - before.young,
        sockets: socketBytes() - before.sockets,
      }
      await tell(client, { do: 'publish', workload: { publishers: 1, milliseconds: 1_000 } })
      return held
    },
    async publish(workload) {
      await settled(200)
      const most = { memory: 0, sockets: 0 }
      const sampling = setInterval(() => {
        most.memory = Math.max(most.memory, residentBytes(pid) - before.memory)
        most.sockets = Math.max(most.sockets, socketBytes() - before.sockets)
      }, 100)
      const machine = machineSeconds()
      const used = cpuSeconds(pid)
      const found = await tell(client, { do: 'publish', workload }).finally(() => clearInterval(sampling))
      if (!found) throw new Error('Cannot measure: the client has found nothing')
      const { deliveries, seconds } = found
      const cpu = cpuSeconds(pid) - used
      const { busy, all } = machineSeconds()
      const others = Math.max(0, busy - machine.busy - cpu - found.client * seconds) / (all - machine.all)
      return { ...found, ...most, rate: deliveries / seconds, cpu: (cpu / deliveries) * 1e6, others }
    },
    async close() {
      const gone = once(client, 'exit')
      client.disconnect()
      await gone
    },
  }
}

async function tell(client: ChildProcess, command: Command): Promise<Found | undefined> {
  const told = new AbortController()
  const { signal } = told
  client.send(command)
  const [answer] = (await Promise.race([
    once(client, 'message', { signal }),
    once(client, 'exit', { signal }).then(() => [{ error: 'the load client has ended' }]),
  ]).finally(() => told.abort())) as [Answer]
  if ('error' in answer) throw new Error(`Cannot measure: ${answer.error}`)
  return answer.found
}
