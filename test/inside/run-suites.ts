/**
 * Runs the suites of streams, clients and rooms on another runtime, and reports each of their tests as one of this run:
 * vitest itself runs there, and writes down how it went.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { startScriptedServer } from '../client/scripted-server.ts'

/** What vitest's `json` reporter writes of a file. */
interface FileResult {
  name: string
  message: string
  assertionResults: { fullName: string; status: 'passed' | 'failed' | 'skipped'; failureMessages: string[] }[]
}

const COMMANDS = { deno: ['deno', 'run', '-A', '--quiet'], bun: ['bun', '--bun'] }

export async function runSuites(runtime: keyof typeof COMMANDS): Promise<void> {
  const scripted = await startScriptedServer()
  const folder = mkdtempSync(join(tmpdir(), 'edge-sse-runtimes-'))
  const output = join(folder, 'results.json')
  const [command, ...args] = COMMANDS[runtime] as [string, ...string[]]
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/inside/vitest.config.ts']
  const PATH = `${join('scripts', 'runtimes', 'node_modules', '.bin')}:${process.env.PATH}`
  const ran = await promisify(execFile)(command, [...args, ...vitest, '--reporter=json', `--outputFile=${output}`], {
    env: {
      ...process.env,
      PATH,
      EDGE_SSE_RUNTIME: runtime,
      EDGE_SSE_SCRIPTED: scripted.url,
      EDGE_SSE_SCRIPTED_OTHER: scripted.other,
    },
    maxBuffer: 2 ** 26,
  }).catch((error: { stdout: string; stderr: string }) => error)
  await scripted.close()
  let files: FileResult[] = []
  try {
    files = JSON.parse(readFileSync(output, 'utf8')).testResults
  } catch (cause) {
    throw new Error(`Cannot run vitest on ${runtime}:\n${ran.stdout}\n${ran.stderr}`, { cause })
  } finally {
    rmSync(folder, { recursive: true })
  }

  describe.each(files.map((file) => ({ ...file, title: relative(process.cwd(), file.name) })))(
    `${runtime} $title`,
    ({ assertionResults, message }) => {
      it('runs', () => expect({ message, any: assertionResults.length > 0 }).toEqual({ message: '', any: true }))
      for (const { fullName, status, failureMessages } of assertionResults)
        it(fullName, ({ skip }) => {
          if (status === 'skipped') skip()
          expect({ status, failures: failureMessages }).toEqual({ status: 'passed', failures: [] })
        })
    },
  )
}
