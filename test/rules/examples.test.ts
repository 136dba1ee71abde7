/** Every example in the README, in docs and in docstrings type-checks and runs as it stands. */
import { spawnSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import process from 'node:process'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { isForPages, needsCloudflare, writeExamples } from '../examples.ts'

const folder = 'test/output/examples'
const examples = writeExamples(folder)
symlinkSync(resolve('demo'), `${folder}/demo`) // Examples serve it.

describe('examples', () => {
  it('are found in the README, in docs and in docstrings', () => {
    const sources = new Set(examples.map(({ name }) => name.replace(/ \d+$/, '')))
    for (const source of [
      'README.md',
      'docs/ai-sdk.md',
      'docs/coming-from-go.md',
      'docs/openai.md',
      'docs/testing.md',
      'src/message.ts',
      'src/event-stream.ts',
      'src/rooms/memory.ts',
      'src/rooms/sqlite.ts',
      'src/testing/read-messages.ts',
    ])
      expect(sources).toContain(source)
  })

  const paths = {
    'edge-sse': ['../../../src/index.ts'],
    'edge-sse/access': ['../../../src/access.ts'],
    'edge-sse/client': ['../../../src/client.ts'],
    'edge-sse/client/event-source': ['../../../src/client/event-source.ts'],
    'edge-sse/client/share': ['../../../src/client/share.ts'],
    'edge-sse/cloudflare': ['../../../src/cloudflare.ts'],
    'edge-sse/files': ['../../../src/files.ts'],
    'edge-sse/relay': ['../../../src/relay.ts'],
    'edge-sse/sqlite': ['../../../src/sqlite.ts'],
    'edge-sse/testing': ['../../../src/testing.ts'],
  }
  const options = { noUnusedLocals: false, rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true }
  const page = { lib: ['ES2024', 'DOM', 'DOM.Iterable'], types: [], isolatedDeclarations: false, declaration: false }
  it.each([
    ['servers', { ...options, paths }, examples.filter((example) => !isForPages(example))],
    ['pages', { ...options, ...page }, examples.filter(isForPages)],
  ])(
    'type-check as those of %s',
    (name, compilerOptions, those) => {
      const include = [
        ...those.map(({ file }) => basename(file)),
        ...('paths' in compilerOptions ? ['../../../src/**/*.d.ts'] : []),
      ]
      const config = { extends: '../../../tsconfig.json', compilerOptions, include }
      writeFileSync(`${folder}/tsconfig.${name}.json`, JSON.stringify(config))
      const tsc = ['node_modules/typescript/bin/tsc', '-p', `${folder}/tsconfig.${name}.json`]
      const { status, stdout } = spawnSync(process.execPath, tsc, { encoding: 'utf8' })
      expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
    },
    60_000,
  )

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
