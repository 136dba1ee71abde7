// What `init` can make.
import { colour } from './colour.ts'
import { type Command, EXIT, UsageMistake } from './command.ts'
import { runsOn } from './init/runtimes.ts'
import { templates as all } from './init/templates.ts'
import { printable } from './printable.ts'

export const templates: Command = {
  name: 'templates',
  summary: 'list what init can make, and where it runs',
  usage: 'templates',
  help: `A line each: its name, what it is, and the runtimes it runs on. edge-sse init makes a project of one.

  --json                      as a list of {"name", "summary", "runtimes"}`,
  options: { json: { type: 'boolean' } },
  async run({ values, positionals: [first], io }) {
    if (first !== undefined) throw new UsageMistake(`Cannot list templates: unexpected argument ${printable(first)}`)
    const listed = all.map((template) => ({
      name: template.name,
      summary: template.summary,
      runtimes: runsOn(template),
    }))
    const width = Math.max(...listed.map(({ name }) => name.length))
    const line = ({ name, summary, runtimes }: (typeof listed)[number]): string =>
      `${colour(io, io.stdout, 'bold', name.padEnd(width))}  ${summary} (${runtimes.join(', ')})\n`
    io.stdout.write(values.json ? `${JSON.stringify(listed, undefined, 2)}\n` : listed.map(line).join(''))
    return EXIT.fine
  },
}
