/** A command line from its words to its exit code. */
import { parseArguments } from './arguments.ts'
import { colour } from './colour.ts'
import { EXIT, type Terminal, UsageMistake } from './command.ts'
import { commands } from './commands.ts'
import { generalHelp, helpOf } from './help.ts'
import { nearest } from './nearest.ts'
import { manifest } from './package.ts'
import { printable } from './printable.ts'

/** `args` are the words after `edge-sse`. */
export async function run(args: string[], io: Terminal): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined) return usage(io, generalHelp())
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) return said(io, generalHelp())
  if (name === '--version' || name === '-v') return said(io, `${manifest().version}\n`)
  const [wanted, words] = name === 'help' ? [rest[0] ?? '', ['--help']] : [name, rest]
  try {
    return await runCommand(wanted, words, io)
  } catch (error) {
    if (io.signal.aborted) return EXIT.failed
    const isMistake = error instanceof UsageMistake
    const message = error instanceof Error ? error.message : String(error)
    const hint = isMistake && commands.some((each) => each.name === wanted) ? ` ${wanted}` : ''
    io.stderr.write(`${colour(io, io.stderr, 'red', printable(message, { atMost: 2_000 }))}\n`)
    if (isMistake) io.stderr.write(`edge-sse${hint} --help says how.\n`)
    return isMistake ? EXIT.usage : EXIT.failed
  }
}

async function runCommand(name: string, args: string[], io: Terminal): Promise<number> {
  const listed = commands.find((each) => each.name === name)
  if (!listed) {
    const what = `there is no ${name.startsWith('-') ? 'option' : 'command'} ${printable(name, { atMost: 80 })}`
    const names = commands.map((each) => each.name)
    const meant = nearest(name, name.startsWith('-') ? ['--help', '--version'] : names)
    throw new UsageMistake(`Cannot run: ${what}${meant ? `, did you mean ${meant}?` : ''}`)
  }
  const command = await listed.load()
  const { values, positionals } = parseArguments(command, args)
  if (values.help) return said(io, helpOf(command))
  return await command.run({ values, positionals, io })
}

function said(io: Terminal, text: string): number {
  io.stdout.write(text)
  return EXIT.fine
}

function usage(io: Terminal, text: string): number {
  io.stderr.write(text)
  return EXIT.usage
}
