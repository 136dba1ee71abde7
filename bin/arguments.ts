/** The words after a command's name: its options and the rest, or a `UsageMistake` that says what is wrong with them. */
import { parseArgs } from 'node:util'
import { type Command, type Invocation, UsageMistake } from './command.ts'
import { nearest } from './nearest.ts'
import { printable } from './printable.ts'

const HELP = { help: { type: 'boolean', short: 'h' } } as const

/** An option that takes one value is refused where it has two, as which of them is meant nobody knows. */
export function parseArguments(
  { name, options }: Pick<Command, 'name' | 'options'>,
  args: string[],
): Pick<Invocation, 'values' | 'positionals'> {
  const known: Command['options'] = { ...options, ...HELP }
  const given = new Set<string>()
  const { tokens } = parseArgs({ args, options: known, allowPositionals: true, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined
    if (option?.type === 'string' && !option.multiple && given.has(token.name))
      throw new UsageMistake(`Cannot run ${name}: --${token.name} is there twice`)
    given.add(token.name)
    if (option) continue
    const meant = token.rawName.startsWith('--') && nearest(token.name, Object.keys(known))
    throw new UsageMistake(
      `Cannot run ${name}: there is no option ${printable(token.rawName, { atMost: 80 })}${meant ? `, did you mean --${meant}?` : ''}`,
    )
  }
  try {
    const { values, positionals } = parseArgs({ args, options: known, allowPositionals: true })
    return { values, positionals }
  } catch (error) {
    // `Option '--x <value>' argument missing`, and sometimes a second sentence or line with advice.
    const [first = ''] = (error as Error).message.split(/\.? To specify|\.?\n/)
    throw new UsageMistake(
      `Cannot run ${name}: ${printable(first.charAt(0).toLowerCase() + first.slice(1), { atMost: 200 })}`,
    )
  }
}
