/**
 * Projects as strangers get them: the package's tarball installed, and with its own command line each template made for
 * each runtime, installed, started as its README says, read, and tested.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { afterAll, describe, expect, it } from 'vitest'
import { RUNTIMES, type RuntimeName, runsOn, runtimes } from '../../bin/init/runtimes.ts'
import { type Ask, templates } from '../../bin/init/templates.ts'
import { emptyProject, pack } from '../package/pack.ts'
import { freePort } from '../serve-process.ts'
import { needs } from './needs.ts'

const folder = mkdtempSync(join(tmpdir(), 'edge-sse-init-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** As a person has it: where it is said that this is a test, servers are quiet. */
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TEST|VITEST.*|NODE_ENV|DEV|PROD|MODE)$/.test(name)),
  ),
  PATH: [resolve('node_modules/.bin'), resolve('scripts/runtimes/node_modules/.bin'), process.env.PATH].join(':'),
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_loglevel: 'error',
}
const shell = (command: string, cwd: string): string =>
  execFileSync('sh', ['-c', command], { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** Once, by the first test that needs it. */
let user = ''
function install(): void {
  if (user) return
  const project = emptyProject(join(folder, 'user'))
  shell(`npm install '${pack(folder)}'`, project)
  user = project
}

/** How each is told which port to take. */
const onPort: Record<RuntimeName, (start: string, port: number) => string> = {
  workers: (start, port) => `${start} -- --port ${port}`,
  deno: (start, port) => `DENO_SERVE_ADDRESS=tcp:127.0.0.1:${port} ${start}`,
  bun: (start, port) => `PORT=${port} ${start}`,
  node: (start, port) => `PORT=${port} ${start}`,
}

/** A server with all that npm and its like put around it. */
async function started(command: string, cwd: string): Promise<{ said(): string; stop(): Promise<void> }> {
  const child = spawn('sh', ['-c', command], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  let said = ''
  const listens = new Promise<void>((resolve, reject) => {
    for (const output of [child.stdout, child.stderr])
      output.setEncoding('utf8').on('data', (piece: string) => {
        said += piece
        if (/(listening on|started .*server|ready on).*http/is.test(said)) resolve()
      })
    void closed.then(() => reject(new Error(`Ended before it listened:\n${said}`)))
  })
  const stop = async (): Promise<void> => {
    if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    await closed
  }
  await listens
  return { said: () => said, stop }
}

async function ask(url: string, { post, read, says }: Ask): Promise<string> {
  const answer =
    post &&
    (await fetch(url + post.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(post.body),
    }))
  if (answer && read === 'answer') return until(answer, says)
  if (answer) expect([200, 201, 202]).toContain(answer.status)
  const { events = '' } = read === 'events' && answer ? ((await answer.json()) as { events?: string }) : {}
  return until(await fetch(url + (typeof read === 'object' ? read.path : events)), says)
}

async function until(response: Response, says: string): Promise<string> {
  let text = ''
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece
    if (text.includes(says)) break
  }
  return text
}

describe.each(RUNTIMES)('on %s', (runtime) => {
  const on = templates.filter((template) => runsOn(template).includes(runtime))

  it.for(on.map(({ name }) => name))(
    'a project of %s is made, installed, started, read and tested',
    async (name, context) => {
      if (!user) needs(context, 'npm registry')
      install()
      const asks = on.find((template) => template.name === name)?.asks as Ask
      const projects = join(folder, 'projects')
      mkdirSync(projects, { recursive: true })
      const project = join(projects, `${name}-${runtime}`)
      const made = shell(`npx edge-sse init ${project} --template ${name} --runtime ${runtime}`, user)
      const { commands } = runtimes[runtime](`${name}.ts`)
      expect(made).toContain(`  ${commands.install}\n  ${commands.start}\n`)
      expect(readFileSync(join(project, 'package.json'), 'utf8')).toContain('"edge-sse": "file:vendor/edge-sse-')
      shell(commands.install, project)
      const port = await freePort()
      const { said, stop } = await started(onPort[runtime](commands.start, port), project)
      try {
        expect(await ask(`http://127.0.0.1:${port}`, asks), said()).toContain(asks.says)
        // As its README says: on this machine alone. Who listens everywhere listens here, too.
        await expect(fetch(`http://127.0.0.2:${port}`), said()).rejects.toThrow()
      } finally {
        await stop()
      }
      shell(commands.test, project)
      rmSync(project, { recursive: true })
    },
  )
})
