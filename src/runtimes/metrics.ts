/** What this process has done, as Prometheus reads it: https://prometheus.io/docs/instrumenting/exposition_formats/ */
import process from 'node:process'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { routes } from '../app/routes.ts'
import type { Meter } from '../app.ts'
import { meter } from '../meter.ts'
import { openStreams } from '../open-streams.ts'
import { PROBLEMS } from '../problems.ts'

/** Seconds: from a publish in memory to a request that waited for a slow disk. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Of whatever else a stranger asks with there could be any number. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const OTHER = 'other'

/** Makes the metrics of this process: once. They take what `meter` counts, and what they are told. */
export function processMetrics(): Meter {
  const register = new Registry()
  collectProcess(register)
  collectMeter(register)
  const registers = [register]
  const refusals = new Counter({
    name: 'edge_sse_refusals_total',
    help: 'Requests refused, by the slug of the problem and the limit that was reached.',
    labelNames: ['slug', 'limit'],
    registers,
  })
  const requests = new Histogram({
    name: 'edge_sse_request_duration_seconds',
    help: 'Seconds from a request to the head of its response.',
    labelNames: ['route', 'method', 'status'],
    buckets: BUCKETS,
    registers,
  })
  return {
    async metrics() {
      const headers = { 'content-type': register.contentType, 'cache-control': 'no-store' }
      return new Response(await register.metrics(), { headers })
    },
    // What is no name of ours is no label, whoever calls: what a stranger wrote would fill the memory.
    refused(slug, limit = '') {
      refusals.inc({ slug: Object.hasOwn(PROBLEMS, slug) ? slug : OTHER, limit })
    },
    answered({ route, method, status }, seconds) {
      const known = { route: Object.hasOwn(routes, route) ? route : OTHER, status }
      requests.observe({ ...known, method: METHODS.includes(method) ? method : OTHER }, seconds)
    },
  }
}

function collectMeter(register: Registry): void {
  const registers = [register]
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  }
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }
  gauge('edge_sse_streams', 'Event streams that are open.', openStreams)
  gauge('edge_sse_lagging_readers', 'Readers that are behind and fed from the log.', () => meter.lagging)
  counter('edge_sse_publishes_total', 'Messages stored.', () => meter.publishes)
  counter('edge_sse_deliveries_total', 'Events handed to readers.', () => meter.deliveries)
  counter('edge_sse_delivered_bytes_total', 'Bytes of events handed to readers.', () => meter.deliveredBytes)
  counter('edge_sse_replays_total', 'Pages with events read from the log for readers.', () => meter.replays)
  new Counter({
    name: 'edge_sse_gaps_total',
    help: 'Gaps that readers were told of, by reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(meter.gaps)) this.inc({ reason }, count)
    },
  })
  const publishes = new Histogram({
    name: 'edge_sse_publish_duration_seconds',
    help: 'Seconds from a publish until it was stored and sent to live readers.',
    buckets: BUCKETS,
    registers,
  })
  meter.published = (milliseconds) => publishes.observe(milliseconds / 1000)
}

/**
 * What prom-client asks a runtime for, and is answered with 0 or with nothing, whatever is the case. Deno lets nobody read
 * /proc without `--allow-all`; Bun's engine has no spaces and it tells no handles; neither tells of its garbage collection,
 * and their version of Node is the one that they imitate.
 */
const UNKNOWN_TO = {
  Deno: ['process_resident_memory_bytes', 'process_virtual_memory_bytes', 'process_heap_bytes', 'process_open_fds'],
  Bun: [
    ...['resources', 'handles', 'requests'].flatMap((name) => [`nodejs_active_${name}`, `nodejs_active_${name}_total`]),
    ...['total', 'used', 'available'].map((size) => `nodejs_heap_space_size_${size}_bytes`),
  ],
}

function collectProcess(register: Registry): void {
  collectDefaultMetrics({ register })
  for (const [runtime, unknown] of Object.entries(UNKNOWN_TO))
    if (runtime in globalThis)
      for (const name of [...unknown, 'nodejs_gc_duration_seconds', 'nodejs_version_info'])
        register.removeSingleMetric(name)
  if (register.getSingleMetric('process_resident_memory_bytes')) return
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size in bytes.',
    registers: [register],
    collect() {
      this.set(process.memoryUsage().rss)
    },
  })
}
