/** What holds of each script that starts the app, with models: it has those of `LLM_PROVIDERS`, and their keys. */
import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { expect, it, onTestFinished } from 'vitest'
import { run } from '../script-run.ts'
import { freePort } from '../serve-process.ts'
import { answer } from '../upstream/script.ts'
import { ScriptedUpstream } from '../upstream/scripted-upstream.ts'
import { startedScript } from './started-script.ts'

const KEY = 'sk-started-canary-4f7'

/** What is in `ps` of all that runs. */
const commandLines = (): string[] =>
  readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? [readFileSync(`/proc/${name}/cmdline`, 'utf8')] : []
    } catch {
      return [] // It went while we looked.
    }
  })

/** `args` are those of Node. Two that share the rooms of `.wrangler` cannot run at the same time. */
export function startsWithModels(args: string[]): void {
  it('with LLM_PROVIDERS asks those models, with the key that it shows to nobody', { timeout: 60_000 }, async () => {
    const upstream = await ScriptedUpstream.start()
    onTestFinished(() => upstream.close())
    upstream.play('quick', answer('hello'))
    const provider = { baseUrl: upstream.baseUrl, apiKeySecret: 'STARTED_KEY', models: ['quick'] }
    const { url, said } = await startedScript(args, {
      LLM_PROVIDERS: JSON.stringify({ local: provider }),
      STARTED_KEY: KEY,
    })
    const { data } = await (await fetch(`${url}/v1/models`)).json()
    expect(data.map(({ id }: { id: string }) => id)).toEqual(['quick', 'offline'])
    const asked = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'hello' }] }),
    })
    expect((await asked.json()).choices[0].message.content).toBe('hello')
    expect(upstream.callsOf('quick').map(({ headers }) => headers.get('authorization'))).toEqual([`Bearer ${KEY}`])
    expect(said()).not.toContain(KEY)
    if (process.platform === 'linux') expect(commandLines().filter((line) => line.includes(KEY))).toEqual([])
  })

  it.each([
    ['{oops', 'not JSON'],
    ['{"local":{"baseUrl":"ftp://x","models":["m"]}}', 'the `baseUrl` of `local` is not an http or https URL'],
    [
      '{"local":{"baseUrl":"http://127.0.0.1:1/v1","apiKeySecret":"STARTED_KEY","models":["m"]}}',
      'the variable that `apiKeySecret` of `local` names holds no key',
    ],
  ])('does not start with LLM_PROVIDERS=%s', async (LLM_PROVIDERS, state) => {
    const env = { LLM_PROVIDERS, PORT: String(await freePort()) }
    const { child, exited, output } = run(process.execPath, args, { env })
    onTestFinished(() => void child.kill())
    expect(await exited).toBe(1)
    expect(output.join('')).toMatch(new RegExp(`^Cannot start: LLM_PROVIDERS is wrong, ${state}.*\n$`))
  })
}
