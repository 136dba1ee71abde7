/** The report, for a person or as JSON. */
import { colour, type Style } from '../colour.ts'
import type { Terminal } from '../command.ts'
import { printable } from '../printable.ts'
import type { Report } from './examine.ts'
import { counted, type Finding, lasting } from './finding.ts'

const STYLES: Record<Finding['severity'], Style> = { error: 'red', warning: 'yellow', note: 'cyan' }

/** For a person: the worst first, then what could not be judged, then how much there is of each. */
export function reportText(report: Report, io: Pick<Terminal, 'env' | 'stdout'>): string {
  const blocks = report.findings.map(({ severity, rule, what, why, fix }) =>
    [
      `${colour(io, io.stdout, STYLES[severity], severity.padEnd(7))}  ${rule}`,
      `  ${printable(what)}.`,
      ...(why === undefined ? [] : [`  Why: ${printable(why)}.`]),
      `  Do:  ${printable(fix)}.`,
    ].join('\n'),
  )
  if (report.unjudged.length > 0)
    blocks.push(
      [
        'not judged',
        ...report.unjudged.map(
          ({ rule, what, fix }) => `  ${rule}: ${printable(what)}.${fix === undefined ? '' : ` ${printable(fix)}.`}`,
        ),
      ].join('\n'),
    )
  return `${[printable(report.url), ...blocks, summary(report)].join('\n\n')}\n`
}

function summary({ findings, unjudged, requests, milliseconds }: Report): string {
  const count = (severity: Finding['severity']): number => findings.filter((each) => each.severity === severity).length
  const all = [
    counted(count('error'), 'error'),
    counted(count('warning'), 'warning'),
    counted(count('note'), 'note'),
    `${unjudged.length} not judged`,
  ]
  return `${all.join(', ')}; ${counted(requests, 'request')} in ${lasting(milliseconds)}`
}

/** One object, in printable ASCII. */
export const reportJson = (report: Report): string =>
  `${JSON.stringify(report, null, 2).replace(
    /[^\n\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}\n`
