/**
 * The package as strangers get it: its tarball installed from the registry's side into an empty project, and there the
 * README's first example and each handler, copied alone, on each runtime.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeExamples } from '../examples.ts'
import { copyHandlers, emptyProject, pack } from '../package/pack.ts'
import { launchInstalled } from '../runtimes/process.ts'
import type { Server } from '../runtimes/runtime.ts'
import { installedWorker } from './installed-worker.ts'
import { needs } from './needs.ts'

/** What a handler that stands alone is asked, and how its answer begins. */
interface Asked {
  path: string
  init?: RequestInit
  status?: number
  begins: RegExp
  /** Where a Worker answers something else. */
  onWorkers?: { status: number; begins: RegExp }
}

const json = (type: string, body: string): RequestInit => ({ method: 'POST', headers: { 'content-type': type }, body })

/** Work in memory would end with the request that started it. */
const NEEDS_OBJECT = { status: 501, begins: /^\{"type":"\/problems\/needs-room-object"/ }
const EVENTS = /^: heartbeat=\d+\n\nretry: \d+\n\n/
const ASKED: Record<string, Asked> = {
  readme: { path: '/', begins: /^: heartbeat=\d+\n\nretry: \d+\n\nevent: timestamp\ndata: \d{4}-.*Z\nid: 1\n\n/ },
  ticker: { path: '/sse', begins: /^: heartbeat=\d+\n\nretry: \d+\n\nevent: timestamp\ndata: \d{4}-.*Z\nid: 1\n\n/ },
  html: { path: '/html?name=Ada', begins: /^<!doctype html>[\s\S]*<h1>Sunlight for Ada/ },
  text: { path: '/text?name=Ada', begins: /^Ada, this/ },
  ndjson: { path: '/ndjson', begins: /^\{"n":1,"prime":2,"at":".*Z"\}\n/ },
  download: { path: '/download/hello.txt', begins: /^hello$/ },
  'chat-room': {
    path: '/chat-room/lobby/events',
    init: json('application/json', '{"from":"Ada","text":"hello"}'),
    status: 201,
    begins: /^\{"id":"1-[0-9a-z]{6}"\}$/,
  },
  progress: {
    path: '/progress',
    init: json('application/json', '{"steps":1}'),
    status: 201,
    begins: /^\{"id":"[0-9a-f-]+","events":"\/progress\/[0-9a-f-]+\/events","duplicate":false\}$/,
    onWorkers: NEEDS_OBJECT,
  },
  'chat-completions': {
    path: '/v1/chat/completions',
    init: json('application/json', '{"messages":[{"role":"user","content":"hello"}],"stream":true}'),
    begins: /^: heartbeat=\S+\n\nretry: \d+\n\nid: [\da-f]{32}~0\n\ndata: \{"id":"chatcmpl-/,
    onWorkers: NEEDS_OBJECT,
  },
  'chat-tool': {
    path: '/server/send',
    init: json('application/json', '{"messages":[{"role":"user","content":"hello"}]}'),
    status: 202,
    begins: /^\{"id":"[\da-f-]+"\}$/,
    onWorkers: NEEDS_OBJECT,
  },
  'ai-sdk': {
    path: '/api/chat',
    init: json(
      'application/json',
      '{"id":"a","messages":[{"id":"1","role":"user","parts":[{"type":"text","text":"hello"}]}],"trigger":"submit-message"}',
    ),
    begins: /^: heartbeat=\S+\n\nretry: \d+\n\ndata: \{"type":"start",/,
    onWorkers: NEEDS_OBJECT,
  },
  'room-events': { path: '/rooms/lobby/events', begins: EVENTS },
  'room-history': { path: '/rooms/lobby/events', begins: /^$/ },
  'room-info': { path: '/rooms/lobby', status: 404, begins: /^\{"type":"\/problems\/room-not-found"/ },
  'room-publish': {
    path: '/rooms/lobby/events',
    init: json('application/json', '{"data":1}'),
    status: 201,
    begins: /^\{"id":"1-[0-9a-z]{6}","room":"lobby","durable":false,"duplicate":false\}$/,
  },
  'room-publish-batch': {
    path: '/rooms/lobby/events',
    init: json('application/x-ndjson', '{"data":1}\n{"data":2}\n'),
    status: 201,
    begins: /^\{"ids":\["1-([0-9a-z]{6})","2-\1"\],"room":"lobby"/,
  },
}

const folder = mkdtempSync(join(tmpdir(), 'edge-sse-installed-'))
const project = emptyProject(join(folder, 'project'))
const handlers = copyHandlers(project)
const [example] = writeExamples(join(folder, 'examples'))
writeFileSync(join(project, 'readme.ts'), example?.code ?? '')
let isInstalled = false
afterAll(() => rmSync(folder, { recursive: true }))

/** Once, by the first test that needs it: the tarball, and srvx for Node. */
function install(): void {
  if (isInstalled) return
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  const packages = [pack(folder), `srvx@${devDependencies.srvx}`]
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], { cwd: project })
  isInstalled = true
}

/** Reads an answer as far as needed, or to its end. */
async function begin(response: Response, begins: RegExp): Promise<string> {
  let text = ''
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece
    if (begins.test(text)) break
  }
  return text
}

const launchers: Record<string, (file: string) => Promise<Server>> = {
  Node: (file) => launchInstalled('node', file, project),
  Deno: (file) => launchInstalled('deno', file, project),
  Bun: (file) => launchInstalled('bun', file, project),
  'a Worker': (file) => installedWorker(file, project),
}

describe.each(Object.entries(launchers))('on %s, in an empty project with the tarball', (place, launch) => {
  it.for(['readme', ...handlers])('%s runs', async (name, context) => {
    if (!isInstalled) needs(context, 'npm registry')
    install()
    const asked = ASKED[name]
    if (!asked) throw new Error(`Cannot test ${name}: say what it is asked, and how its answer begins`)
    const server = await launch(`${name}.ts`)
    try {
      const response = await fetch(server.url + asked.path, asked.init)
      const { status = 200, begins } = (place === 'a Worker' && asked.onWorkers) || asked
      expect(await begin(response, begins)).toMatch(begins)
      expect(response.status).toBe(status)
    } finally {
      await server.close()
    }
  })
})

describe('a Worker with the object class that the README puts beside a copied handler', () => {
  const [, ofProgress = ''] = /```js\n([\s\S]*?JobRoom[\s\S]*?)```/.exec(readFileSync('README.md', 'utf8')) ?? []
  const ofChatRoom = ofProgress
    .replace('{ handler, producers }', '{ handler }')
    .replace(/ {2}producers = producers.*\n/, '')
    .replace('./progress.ts', './chat-room.ts')
  const ofAnswers = ofProgress
    .replace('producers = producers', 'producers = producers(this.env)')
    .replace('./progress.ts', './chat-completions.ts')

  it.for([
    ['progress', ofProgress, /event: done\ndata: \{"result":"1 steps"\}\n[\s\S]*id: ~end\n\n/],
    ['chat-completions', ofAnswers, /\ndata: \{"id":"chatcmpl-[\s\S]*\ndata: \[DONE\]\n/],
    ['chat-room', ofChatRoom, /event: chat\ndata: \{"from":"Ada","text":"hello"\}\nid: 1-/],
  ] as const)('%s runs, in rooms that last', async ([name, code, reads], context) => {
    if (!isInstalled) needs(context, 'npm registry')
    install()
    writeFileSync(join(project, `${name}-worker.js`), code)
    const server = await installedWorker(`${name}-worker.js`, project, 'JobRoom')
    try {
      const { path, init, status = 200 } = ASKED[name] as Asked
      const answer = await fetch(server.url + path, init)
      expect(answer.status).toBe(status)
      const { events = path } = status === 201 ? ((await answer.json()) as { events?: string }) : {}
      const stream = status === 201 ? await fetch(server.url + events) : answer
      expect(await begin(stream, reads)).toMatch(reads)
    } finally {
      await server.close()
    }
  })
})
