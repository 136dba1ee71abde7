// A new project: one of the package's handlers, what its runtime needs, a README and a test
import { basename, resolve } from 'node:path'
import { asker, canAsk } from './ask.ts'
import { type Command, EXIT, type Invocation, type Terminal, UsageMistake } from './command.ts'
import { givenSpec, installedSpec } from './init/package-spec.ts'
import { project } from './init/project.ts'
import { RUNTIMES, type RuntimeName, runsOn, runtimes } from './init/runtimes.ts'
import { type Template, templates } from './init/templates.ts'
import { checkFree, writeProject } from './init/write-project.ts'
import { nearest } from './nearest.ts'
import { manifest, packageFolder } from './package.ts'
import { printable } from './printable.ts'

export const init: Command = {
  name: 'init',
  summary: 'make a small complete project of a template, for a runtime',
  usage: 'init DIR --template NAME --runtime NAME',
  help: `DIR has to be empty, or not there yet: nothing is ever overwritten. The project has the handler as it stands in this
package, a README with its commands, and a test that starts it and reads its stream. At a terminal what is left out is
asked for.

  --template NAME             ${names(templates).replaceAll(/(.{70,85},) /g, '$1\n                              ')}
  --runtime NAME              ${RUNTIMES.join(', ')}
  --package SPEC              the edge-sse it uses: the path of a tarball, or what npm install takes (the one this is)

Examples:
  edge-sse init my-chat --template chat-room --runtime bun
  edge-sse init`,
  options: {
    template: { type: 'string' },
    runtime: { type: 'string' },
    package: { type: 'string' },
  },
  async run(invocation) {
    const { io, values } = invocation
    const { template, runtime, dir } = await wishes(invocation)
    const folder = packageFolder()
    const own = manifest()
    const from = typeof values.package === 'string' ? givenSpec(values.package, own.name) : installedSpec(folder, own)
    const files = project({ name: packageName(dir), template, runtime, folder, manifest: own, from })
    writeProject(dir, files)
    const { title, commands } = runtimes[runtime]('')
    io.stdout.write(`${template.name} for ${title} is in ${printable(dir)}: ${[...files.keys()].join(', ')}\n\n`)
    io.stdout.write(`  cd ${printable(word(dir))}\n  ${commands.install}\n  ${commands.start}\n`)
    return EXIT.fine
  },
}

interface Wishes {
  template: Template
  runtime: RuntimeName
  dir: string
}

/** From the command line, and from whoever sits at the terminal. */
async function wishes({ values, positionals: [dir, second], io }: Invocation): Promise<Wishes> {
  if (second !== undefined) throw new UsageMistake(`Cannot make project: unexpected argument ${printable(second)}`)
  const named = {
    template: oneOf(
      'template',
      values.template,
      templates.map(({ name }) => name),
    ),
    runtime: oneOf('runtime', values.runtime, RUNTIMES),
  }
  // What `"$UNSET"` leaves, and not this folder, which is `.`.
  if (dir === '') throw new UsageMistake('Cannot make project: DIR is empty')
  if (dir !== undefined) checkFree(dir)
  const { template, runtime } = named
  if (template !== undefined && runtime !== undefined && dir !== undefined) return checked(template, runtime, dir)
  if (!canAsk(io)) throw new UsageMistake(`Cannot make project: ${missing({ DIR: dir, ...dashed(named) })} missing`)
  return await asked(io, { dir, ...named })
}

async function asked(
  io: Terminal,
  given: Partial<Record<'template' | 'runtime' | 'dir', string | undefined>>,
): Promise<Wishes> {
  using ask = asker(io)
  const listed = templates.map(({ name, summary }) => ({ name, note: summary }))
  const template = given.template ?? (await ask.choice('Template?', listed))
  const on = RUNTIMES.map((name) => ({ name, note: runtimes[name]('').title }))
  const runtime = given.runtime ?? (await ask.choice('Runtime?', on))
  const dir = given.dir ?? (await ask.text('Folder?', template, objection))
  return checked(template, runtime, dir)
}

function objection(dir: string): string | undefined {
  try {
    checkFree(dir)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function checked(name: string, runtime: string, dir: string): Wishes {
  const template = templates.find((each) => each.name === name)
  const on = template && runsOn(template).find((each) => each === runtime)
  if (!template || !on) throw new UsageMistake(`Cannot make project: ${name} does not run on ${runtime}`)
  return { template, runtime: on, dir }
}

/** As a shell takes it for one word, and `cd` for no option. */
const word = (dir: string): string => {
  const path = dir.startsWith('-') ? `./${dir}` : dir
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}

function oneOf(option: string, given: unknown, known: string[]): string | undefined {
  if (given === undefined || known.includes(String(given))) return given as string | undefined
  const meant = nearest(String(given), known)
  const hint = meant ? `did you mean ${meant}?` : `there are ${known.join(', ')}`
  throw new UsageMistake(
    `Cannot make project: there is no ${option} ${printable(String(given), { atMost: 80 })}, ${hint}`,
  )
}

const dashed = (named: object): object =>
  Object.fromEntries(Object.entries(named).map(([name, value]) => [`--${name}`, value]))

function missing(wanted: object): string {
  const lacking = Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [name] : []))
  return `${lacking.join(', ')} ${lacking.length === 1 ? 'is' : 'are'}`
}

/** What npm and Cloudflare take for a name. */
function packageName(dir: string): string {
  const name = basename(resolve(dir))
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 50)
  return name || 'edge-sse-project'
}

function names(all: Template[]): string {
  return all.map(({ name }) => name).join(', ')
}
