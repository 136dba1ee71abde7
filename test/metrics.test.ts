/** What `GET /metrics` says on Node, Deno and Bun: each of them runs this. */
import process from 'node:process'
import { beforeAll, describe, expect, it } from 'vitest'
import { meter } from '../src/meter.ts'
import { memoryRooms } from '../src/rooms/memory.ts'
import { processMetrics } from '../src/runtimes/metrics.ts'

interface Family {
  help: string
  type: string
  samples: { name: string; labels: Record<string, string>; value: number }[]
}

/** In any case of letters, as Go's `ParseFloat` has it. */
const VALUE = /^(-?\d+(\.\d+)?(e[-+]?\d+)?|[-+]inf|nan)$/i

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format: what is not of it throws. */
function parse(text: string): Map<string, Family> {
  const families = new Map<string, Family>()
  let name = ''
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, kind, of = '', rest = ''] = /^# (HELP|TYPE) ([a-z0-9_]+) (.+)$/.exec(line) ?? []
    if (kind === 'HELP') {
      if (families.has(of)) throw new Error(`There are two of ${of}`)
      name = of
      families.set(of, { help: rest, type: '', samples: [] })
      continue
    }
    const family = families.get(name)
    if (!family) throw new Error(`It belongs to nothing: ${line}`)
    if (kind === 'TYPE') {
      if (of !== name || family.type) throw new Error(`It is not the type of ${name}: ${line}`)
      family.type = rest
      continue
    }
    const [, sample = '', labels = '', value = ''] = /^([a-z0-9_]+)(?:\{(.+)\})? (\S+)$/.exec(line) ?? []
    const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
    if (!suffixes.includes(sample.slice(name.length)) || !sample.startsWith(name) || !VALUE.test(value))
      throw new Error(`It is no sample of ${name}: ${line}`)
    const pairs = [...labels.matchAll(/([a-z]+)="([^"\\]*)"(?:,|$)/g)]
    if (pairs.map(([pair]) => pair).join('') !== labels) throw new Error(`These are no labels: ${line}`)
    family.samples.push({
      name: sample,
      labels: Object.fromEntries(pairs.map(([, label, text]) => [label, text])),
      value: Number(value),
    })
  }
  return families
}

describe('processMetrics', () => {
  const metrics = processMetrics()
  const scrape = async (): Promise<Map<string, Family>> => parse(await (await metrics.metrics()).text())
  const own = async (name: string): Promise<Family> => {
    const family = (await scrape()).get(`edge_sse_${name}`)
    if (!family) throw new Error(`There is no ${name}`)
    return family
  }
  const value = async (name: string): Promise<number | undefined> => (await own(name)).samples[0]?.value
  const labelsOf = ({ samples }: Family): Record<string, string>[] =>
    samples.flatMap(({ name, labels }) => (/_(bucket|sum)$/.test(name) ? [] : [labels]))

  beforeAll(async () => {
    const room = memoryRooms().get('a-room')
    await room.publishAll([{ data: 'a' }, { data: 'b' }])
    for await (const _ of room.read({ live: false }));
    for await (const _ of room.read({ live: false, after: 'no id' }));
  })

  it('answers as text that is not kept', async () => {
    const response = await metrics.metrics()
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      'no-store',
    ])
    expect(await response.text()).toMatch(/\n$/)
  })

  it('says of each what it is', async () => {
    const types = [...(await scrape())].flatMap(([name, { type, help }]) => {
      expect(help).not.toBe('')
      return name.startsWith('edge_sse_') ? [`${name} ${type}`] : []
    })
    expect(types.sort()).toEqual([
      'edge_sse_delivered_bytes_total counter',
      'edge_sse_deliveries_total counter',
      'edge_sse_gaps_total counter',
      'edge_sse_lagging_readers gauge',
      'edge_sse_publish_duration_seconds histogram',
      'edge_sse_publishes_total counter',
      'edge_sse_refusals_total counter',
      'edge_sse_replays_total counter',
      'edge_sse_request_duration_seconds histogram',
      'edge_sse_streams gauge',
    ])
  })

  it('says what rooms have counted, the same when it is asked again', async () => {
    for (let times = 0; times < 2; times++) {
      expect(await value('publishes_total')).toBe(2)
      expect(await value('deliveries_total')).toBe(4)
      expect(await value('replays_total')).toBe(2)
      expect(await value('delivered_bytes_total')).toBeGreaterThan(50)
      expect(await value('streams')).toBe(0)
      expect(await value('lagging_readers')).toBe(0)
    }
    expect((await own('gaps_total')).samples.map(({ labels, value }) => [labels.reason, value])).toEqual([
      ['expired', 0],
      ['unknown', 0],
      ['slow', 0],
      ['malformed', 1],
    ])
    meter.published(3_000)
    const { samples } = await own('publish_duration_seconds')
    expect(samples.at(-1)).toMatchObject({ name: 'edge_sse_publish_duration_seconds_count', value: 2 })
    expect(samples.flatMap(({ labels: { le }, value }) => (le && value === 2 ? [le] : []))).toEqual(['5', '10', '+Inf'])
    expect(samples.flatMap(({ labels: { le } }) => le ?? [])).toEqual(
      '0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 +Inf'.split(' '),
    )
  })

  it('counts refusals by slug and limit', async () => {
    metrics.refused('not-found')
    metrics.refused('payload-too-large', 'body')
    metrics.refused('payload-too-large', 'body')
    expect(
      (await own('refusals_total')).samples.map(({ labels, value }) => [labels.slug, labels.limit, value]),
    ).toEqual([
      ['not-found', '', 1],
      ['payload-too-large', 'body', 2],
    ])
  })

  it('counts answers by route, method and status', async () => {
    metrics.answered({ route: '/rooms/:room/events', method: 'POST', status: 201 }, 0.002)
    const { samples } = await own('request_duration_seconds')
    const labels = { route: '/rooms/:room/events', method: 'POST', status: '201' }
    expect(samples).toContainEqual({ name: expect.stringMatching(/_count$/), labels, value: 1 })
    expect(samples).toContainEqual({ name: expect.stringMatching(/_sum$/), labels, value: 0.002 })
    const upTo = samples.flatMap(({ labels: { le }, value }) => (le && value === 0 ? [le] : []))
    expect(upTo).toEqual(['0.0005', '0.001'])
  })

  it('takes nothing as a label that is not of the code', async () => {
    const before = (await scrape()).size
    for (const name of ['/rooms/secret/events', 'toString', '__proto__', 'x"} 1\nforged 1']) {
      metrics.refused(name)
      metrics.answered({ route: name, method: name, status: 404 }, 1)
    }
    expect(labelsOf(await own('refusals_total'))).toContainEqual({ slug: 'other', limit: '' })
    expect(labelsOf(await own('request_duration_seconds'))).toContainEqual({
      route: 'other',
      method: 'other',
      status: '404',
    })
    const text = await (await metrics.metrics()).text()
    expect(text).not.toMatch(/secret|toString|proto|forged|a-room/)
    expect(parse(text).size).toBe(before)
  })

  it('says of this process what the runtime knows, and no more', async () => {
    const families = await scrape()
    const read = (name: string): number => families.get(name)?.samples[0]?.value ?? Number.NaN
    for (const name of ['resident_memory_bytes', 'cpu_seconds_total', 'start_time_seconds'])
      expect(read(`process_${name}`), name).toBeGreaterThan(0)
    expect(read('process_resident_memory_bytes') / process.memoryUsage().rss).toBeCloseTo(1, 0)
    expect(read('nodejs_heap_size_used_bytes')).toBeGreaterThan(1_000_000)
    expect(families.has('nodejs_eventloop_lag_p99_seconds')).toBe(true)
    // What would be 0 whatever is the case is not there.
    for (const name of ['process_open_fds', 'process_virtual_memory_bytes', 'nodejs_active_resources_total'])
      if (families.has(name)) expect(read(name), name).toBeGreaterThan(0)
    expect(families.has('nodejs_version_info')).toBe(!('Deno' in globalThis || 'Bun' in globalThis))
  })
})
