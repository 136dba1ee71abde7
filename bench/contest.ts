/** Several servers under the same load, taking turns: what is compared is what happened side by side. */
import { type Held, type Load, type Outcome, startLoad, type Target } from './load.ts'
import type { Workload } from './load-client.ts'
import { progress } from './report.ts'
import { median } from './statistics.ts'

export interface Contest {
  /** Starts one, by name. */
  contestants: Record<string, () => Promise<Target>>
  sizes: Size[]
  workloads: Record<string, Workload>
}

/**
 * How many readers, how often the servers are started for them, and how many rounds are measured then. Where V8 puts what
 * a delivery looks at differs from launch to launch, and with it what a delivery costs: by as much as a third.
 */
interface Size {
  readers: number
  launches: number
  rounds: number
}

/** Of the machine, had by others: beyond that, deliveries a second say more about them than about us. */
const TOO_BUSY = 0.1

/** What one server did under one workload: a round each, by launch. */
type Heats = Map<string, Outcome[][]>

export class Results {
  readonly #contest: Contest
  readonly #held = new Map<string, Held[]>()
  readonly #heats: Heats = new Map()

  constructor(contest: Contest) {
    this.#contest = contest
  }

  hold(name: string, readers: number, held: Held): void {
    const key = `${readers} ${name}`
    this.#held.set(key, [...(this.#held.get(key) ?? []), held])
  }

  add(name: string, readers: number, workload: string, rounds: Outcome[]): void {
    this.#heats.set(`${readers} ${workload} ${name}`, [...this.#of(name, readers, workload), rounds])
  }

  /** The median of all rounds. */
  median(name: string, readers: number, workload: string, key: keyof Outcome): number {
    return median(
      this.#of(name, readers, workload)
        .flat()
        .map((outcome) => outcome[key]),
    )
  }

  /** How one does beside another, launch by launch: for each the median of its rounds, which differ more than neighbours. */
  ratios(name: string, other: string, readers: number, workload: string, key: keyof Outcome): number[] {
    const others = this.#of(other, readers, workload)
    return this.#of(name, readers, workload).map((rounds, launch) =>
      median(rounds.map((one, round) => one[key] / ((others[launch] as Outcome[])[round] as Outcome)[key])),
    )
  }

  /** The median of `ratios`. */
  ratio(name: string, other: string, readers: number, workload: string, key: keyof Outcome): number {
    return median(this.ratios(name, other, readers, workload, key))
  }

  /** KiB that a reader costs in the server which gets nothing, and how many of them are kept for what is young. */
  heldBy(name: string, readers: number): { held: number; young: number } {
    const all = this.#held.get(`${readers} ${name}`) ?? []
    const usual = (key: keyof Held): number => Math.max(0, median(all.map((bytes) => bytes[key]))) / readers / 1024
    return { held: usual('memory'), young: usual('young') }
  }

  /** How much of the machine somebody else had meanwhile. */
  others(): string {
    const shares = [...this.#heats.values()].flat(2).map(({ others }) => others)
    const percent = (share: number): string => `${Math.round(share * 100)} %`
    const found = `Others had ${percent(median(shares))} of the machine meanwhile (median), at most ${percent(Math.max(...shares))}.`
    return median(shares) > TOO_BUSY ? `**${found} That is too much: measure again when it is quiet.**` : found
  }

  rows(): string[][] {
    const { contestants, sizes, workloads } = this.#contest
    const names = Object.keys(contestants)
    return sizes.flatMap(({ readers }) => [
      ...(readers < CROWD ? [] : names.map((name) => this.#heldRow(name, readers))),
      ...Object.keys(workloads).flatMap((workload) => names.map((name) => this.#row(name, readers, workload))),
    ])
  }

  #of(name: string, readers: number, workload: string): Outcome[][] {
    return this.#heats.get(`${readers} ${workload} ${name}`) ?? []
  }

  #heldRow(name: string, readers: number): string[] {
    const held = this.#held.get(`${readers} ${name}`) ?? []
    const usual = (key: keyof Held): number => median(held.map((bytes) => bytes[key]))
    return [
      count(readers),
      'nobody publishes',
      name,
      ...['', '', '', '', ''],
      ...kibibytes(readers, usual('memory'), usual('sockets')),
    ]
  }

  #row(name: string, readers: number, workload: string): string[] {
    const get = (key: keyof Outcome): number => this.median(name, readers, workload, key)
    return [
      count(readers),
      workload,
      name,
      count(Math.round(get('rate'))),
      get('p50').toFixed(1),
      get('p99').toFixed(1),
      get('cpu').toFixed(1),
      `${(get('client') * 100).toFixed(0)} %`,
      ...kibibytes(readers, get('memory'), get('sockets')),
    ]
  }
}

const count = (number: number): string => number.toLocaleString('en')

/** With fewer readers, what is seen is how a heap grows, not what a reader costs. */
const CROWD = 1_000

/** For each reader. */
const kibibytes = (readers: number, ...bytes: number[]): string[] =>
  bytes.map((all) => (readers < CROWD ? '' : (Math.max(0, all) / readers / 1024).toFixed(1)))

export const HEAD = [
  'readers',
  'load',
  'server',
  'deliveries/s',
  'p50 ms',
  'p99 ms',
  'CPU µs each',
  'client CPU',
  'KiB/reader',
  'kernel KiB/reader',
]

export const NOTES = [
  'Medians of rounds that take turns, events of 96 bytes; a ratio is the median of what each launch of the servers gave. Each publisher waits for its answer; p50 and p99 are from publish to delivery, CPU is what the server’s process used for one delivery, "client CPU" the share of a core the load client needed: near 100 % it is the client that was measured. KiB are for each reader, above what the server had before (without load: held; under load: at most), with what all sockets of the machine, both ends, hold in the kernel beside it.',
  'Every delivery was checked: each reader got each event once, all in the same order, and with one publisher in the order of publishing.',
]

export async function runContest(contest: Contest, title: string): Promise<Results> {
  const results = new Results(contest)
  for (const size of contest.sizes)
    for (let launch = 1; launch <= size.launches; launch++)
      await runLaunch(
        contest,
        size,
        results,
        size.launches > 1 ? `${title}, launch ${launch} of ${size.launches}` : title,
      )
  return results
}

/** All servers run at once and have their readers; one at a time has something to do. */
async function runLaunch(
  { contestants, workloads }: Contest,
  { readers, rounds }: Size,
  results: Results,
  title: string,
): Promise<void> {
  const loads: { name: string; load: Load; target: Target }[] = []
  for (const [name, start] of Object.entries(contestants)) {
    progress(`${title}: ${count(readers)} readers come to ${name}`)
    const target = await start()
    const load = await startLoad(target)
    results.hold(name, readers, await load.open(readers))
    loads.push({ name, load, target })
  }
  for (const [workload, terms] of Object.entries(workloads)) {
    const outcomes = new Map<string, Outcome[]>(loads.map(({ name }) => [name, []]))
    for (let round = 0; round < rounds; round++)
      // Whoever came first comes last the next time.
      for (const { name, load } of round % 2 === 0 ? loads : loads.toReversed()) {
        const outcome = await load.publish(terms)
        outcomes.get(name)?.push(outcome)
        progress(
          `${title}: ${count(readers)} readers, ${workload}, ${round + 1} of ${rounds}, ${name}: ${inShort(outcome)}`,
        )
      }
    for (const [name, done] of outcomes) results.add(name, readers, workload, done)
  }
  for (const { load, target } of loads) {
    await load.close()
    await target.close()
  }
}

const inShort = ({ rate, p50, p99, cpu, others }: Outcome): string =>
  `${others > TOO_BUSY ? '(busy machine) ' : ''}${count(Math.round(rate))}/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${cpu.toFixed(1)} µs CPU each`
