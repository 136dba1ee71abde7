/** A room in a Durable Object, as it is deployed, beside an object that only holds streams: both on `workerd serve`. */
import { bundle } from '../scripts/bundle.ts'
import { type ServeOptions, serveWorkerd } from '../test/workerd-serve.ts'
import { HEAD, NOTES, runContest } from './contest.ts'
import type { Target } from './load.ts'
import type { Part } from './report.ts'

const CONTROL = new URL('control-worker.js', import.meta.url).pathname

export async function benchWorkerd(): Promise<Part> {
  const contest = {
    contestants: {
      'edge-sse': serveRoom,
      control: () => serve({ bundle: CONTROL, object: 'Control' }, '/events', ': welcome'),
    },
    sizes: [
      { readers: 100, launches: 1, rounds: 3 },
      { readers: 1_000, launches: 3, rounds: 2 },
    ],
    workloads: {
      '10 events/s': { publishers: 1, rate: 10, milliseconds: 3_000 },
      'one publisher': { publishers: 1, milliseconds: 2_500 },
      'sixteen publishers': { publishers: 16, milliseconds: 1_500 },
    },
  }
  const results = await runContest(contest, 'workerd')
  const ratio = (workload: keyof typeof contest.workloads, of: 'rate' | 'cpu'): number =>
    results.ratio('edge-sse', 'control', 1_000, workload, of)
  const p99 = (workload: keyof typeof contest.workloads): number => results.median('edge-sse', 1_000, workload, 'p99')
  return {
    title: 'A room on `workerd serve`',
    notes: [
      'The control is an object that holds a stream for each reader and writes to it: no log, no ids, no bound on slow readers, no sleep.',
      ...NOTES,
      results.others(),
    ],
    head: HEAD,
    rows: results.rows(),
    targets: [
      {
        what: '1,000 readers on workerd, one publisher: deliveries, times the control',
        ratio: ratio('one publisher', 'rate'),
        least: 0.7,
      },
      { what: '… p99', ratio: p99('one publisher'), most: 250, unit: ' ms' },
      {
        what: '1,000 readers on workerd, 10 events/s: CPU of a delivery, times the control',
        ratio: ratio('10 events/s', 'cpu'),
        most: 1.6,
      },
      {
        what: '1,000 readers on workerd, sixteen publishers: deliveries, times the control',
        ratio: ratio('sixteen publishers', 'rate'),
        least: 5,
      },
      { what: '… p99', ratio: p99('sixteen publishers'), most: 500, unit: ' ms' },
    ],
  }
}

/** What one room is asked for here is more than the app takes by default. */
const vars = { EDGE_SSE_ACCESS: 'open', EDGE_SSE_MAX_STREAMS: '100000', EDGE_SSE_MAX_PUBLISHES: '1000000' }

/** The Worker of this source, as it would be deployed. */
export const serveRoom = (): Promise<Target> =>
  serve({ bundle: bundle('dist/worker'), vars }, '/rooms/lobby/events', 'stream.live')

async function serve(options: ServeOptions, path: string, ready: string): Promise<Target> {
  const { pid, port, close } = await serveWorkerd(options)
  return { pid, port, path, ready, close }
}
