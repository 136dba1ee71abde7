/** Every example in the README, in docs and in docstrings type-checks and runs as it stands. */
import { execFileSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { needsCloudflare, writeExamples } from '../examples.ts'

const folder = 'test/output/examples'
const examples = writeExamples(folder)
symlinkSync(resolve('demo'), `${folder}/demo`) // Examples serve it.

describe('examples', () => {
  it('are found in the README, in docs and in docstrings', () => {
    const sources = new Set(examples.map(({ name }) => name.replace(/ \d+$/, '')))
    for (const source of [
      'README.md',
      'docs/coming-from-go.md',
      'src/message.ts',
      'src/event-stream.ts',
      'src/rooms/memory.ts',
      'src/rooms/sqlite.ts',
    ])
      expect(sources).toContain(source)
  })

  it('type-check', () => {
    const paths = {
      'edge-sse': ['../../../src/index.ts'],
      'edge-sse/access': ['../../../src/access.ts'],
      'edge-sse/cloudflare': ['../../../src/cloudflare.ts'],
      'edge-sse/files': ['../../../src/files.ts'],
      'edge-sse/relay': ['../../../src/relay.ts'],
      'edge-sse/sqlite': ['../../../src/sqlite.ts'],
    }
    const compilerOptions = {
      noUnusedLocals: false,
      rewriteRelativeImportExtensions: false,
      allowImportingTsExtensions: true,
      paths,
    }
    const config = { extends: '../../../tsconfig.json', compilerOptions, include: ['*.ts', '../../../src/**/*.d.ts'] }
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config))
    const tsc = () =>
      execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', folder], { encoding: 'utf8' })
    expect(tsc()).toBe('')
  }, 60_000)

  // Those for Cloudflare run in workerd: test/worker/examples.test.ts.
  it.each(examples.filter((example) => !needsCloudflare(example)))('run: $name', async ({ file }) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    // What an example leaves behind belongs with it.
    const before = process.cwd()
    process.chdir(folder)
    onTestFinished(() => process.chdir(before))
    const module: { default?: { fetch(request: Request): Response | Promise<Response> } } = await import(file)
    if (!module.default) return
    const response = await module.default.fetch(new Request('http://localhost/'))
    expect(response.status).toBe(200)
    const reader = response.body?.getReader()
    const first = await reader?.read()
    const opening = response.headers.get('content-type') === 'text/event-stream' ? /^: heartbeat=/ : /./
    expect(new TextDecoder().decode(first?.value)).toMatch(opening)
    await reader?.cancel()
    log.mockRestore()
  })
})
