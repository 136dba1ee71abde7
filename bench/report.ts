/** What a run has found, as a table for people: on the screen and in results/latest.md. */
import { cpus, totalmem } from 'node:os'
import process from 'node:process'

/** A ratio that is wanted: at least, or at most. */
export interface Target {
  what: string
  ratio: number
  least?: number
  most?: number
  unit?: string
}

export interface Part {
  title: string
  notes: string[]
  head: string[]
  rows: string[][]
  targets: Target[]
}

/** Says on the screen what is going on; the report is not in the way of it. */
export const progress = (text: string): void => console.error(`  ${text}`)

/** A table whose columns stand under each other also where nobody renders it. */
export function table(head: string[], rows: string[][]): string {
  const widths = head.map((name, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? name).length)))
  const line = (cells: string[]): string =>
    `| ${widths.map((width, column) => (column === 0 ? (cells[column] ?? '').padEnd(width) : (cells[column] ?? '').padStart(width))).join(' | ')} |`
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

const reached = ({ ratio, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }: Target): boolean =>
  ratio >= least && ratio <= most

const wanted = ({ least, most, unit = '' }: Target): string =>
  least === undefined ? `at most ${most}${unit}` : `at least ${least}${unit}`

const figure = (ratio: number, unit = ''): string => `${ratio.toFixed(ratio >= 100 ? 0 : 2)}${unit}`

export function report(command: string, parts: Part[], versions: Record<string, string>): string {
  const targets = parts.flatMap((part) => part.targets)
  return [
    '# Figures',
    `\`${command}\`, ${new Date().toISOString().slice(0, 10)}, ${machine()}. Compare only within one run: absolute figures differ from machine to machine, and between two runs of one.`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(' · '),
    '## Targets',
    table(
      ['what', 'wanted', 'measured', ''],
      targets.map((target) => [
        target.what,
        wanted(target),
        figure(target.ratio, target.unit),
        reached(target) ? 'reached' : 'short',
      ]),
    ),
    ...parts.flatMap(({ title, notes, head, rows }) => [`## ${title}`, ...notes, table(head, rows)]),
  ].join('\n\n')
}

function machine(): string {
  const all = cpus()
  return `${all.length} cores (${all[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`
}
