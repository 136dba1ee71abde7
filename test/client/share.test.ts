import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { run } from '../script-run.ts'
import { shareSuite } from './share.suite.ts'

shareSuite()

describe('a program that has closed what it shared', () => {
  it('comes to its end', async () => {
    const program = `
      import { share } from './src/client/share.ts'
      const body = () => new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode('id: 1\\ndata: 1\\n\\n')) })
      const fetch = async () => new Response(body(), { headers: { 'content-type': 'text/event-stream' } })
      const [first, second, late] = [1, 2, 3].map(() => share('http://share.example/', { fetch, lastEventId: '0' }))
      const reading = [first, second].map((tab) => tab[Symbol.asyncIterator]().next())
      for (const { value } of await Promise.all(reading)) console.log(value.data)
      await first.close()
      await second.close()
      await late.close()
    `
    const { exited, stdout, stderr } = run(process.execPath, ['--input-type=module', '--eval', program], {
      env: { NODE_NO_WARNINGS: '1' },
    })
    expect({ code: await exited, stdout: stdout.join(''), stderr: stderr.join('') }).toEqual({
      code: 0,
      stdout: '1\n1\n',
      stderr: '',
    })
  })
})
