/** The examples for Cloudflare, bundled as wrangler does it and run in workerd. */
import { basename, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundleWorker } from '../bundle-worker.ts'
import { needsCloudflare, writeExamples } from '../examples.ts'
import { launch, type Server } from '../launch.ts'

const folder = resolve('test/output/cloudflare-examples')
const examples = writeExamples(folder).filter(needsCloudflare)

/** A bucket that holds one file of one byte. */
const BUCKET = `{
  head: async () => ({ size: 1, etag: 'x', httpEtag: '"x"', uploaded: new Date() }),
  get: async () => ({ body: new Response('n').body }),
}`

/**
 * A Worker that does nothing but what the example shows; an example that is only a class gets the README's handler, one
 * about files the object that is bound here.
 */
const bundle = (file: string, code: string): string => {
  const name = basename(file, '.ts')
  const [, extended] = /export class (\w+) extends RoomObject/.exec(code) ?? []
  if (code.includes('Files('))
    return bundleWorker(
      folder,
      name,
      `import worker from './${name}.ts'
       export { RoomObject } from 'edge-sse/cloudflare'
       export default { fetch: (request, env) => worker.fetch(request, { ...env, FILES: ${BUCKET} }) }`,
    )
  const entry = extended
    ? `export { ${extended} as RoomObject } from './${name}.ts'
       import { durableRooms } from 'edge-sse/cloudflare'
       export default { async fetch(request, env) {
         const room = durableRooms(env.ROOMS).get('lobby')
         if (request.method === 'GET') return room.subscribe(request)
         return Response.json(await room.publish({ data: await request.text() }).catch(({ code }) => ({ code })))
       } }`
    : `export * from './${name}.ts'\nexport { default } from './${name}.ts'`
  return bundleWorker(folder, name, entry)
}

describe('examples for Cloudflare', () => {
  it('are found', () => {
    expect(examples.length).toBeGreaterThanOrEqual(3)
  })

  it.each(examples)('run: $name', async ({ file, code }) => {
    const server: Server = await launch({}, { bundle: bundle(file, code) })
    try {
      const response = await fetch(server.url)
      if (code.includes('Files(')) {
        expect(response.headers.get('content-disposition')).toBe('attachment; filename="primes.csv"')
        expect(await response.text()).toMatch(/^n/)
        return
      }
      expect(response.headers.get('content-type')).toBe('text/event-stream')
      const reader = response.body?.getReader()
      expect(new TextDecoder().decode((await reader?.read())?.value)).toMatch(/^: heartbeat=/)
      await reader?.cancel()
      if (!code.includes('onPublish')) return
      const say = async (body: string): Promise<unknown> => (await fetch(server.url, { method: 'POST', body })).json()
      expect(await say('short')).toMatchObject({ id: expect.stringMatching(/^1-/) })
      expect(await say('long'.repeat(100))).toEqual({ code: 'forbidden' })
    } finally {
      await server.close()
    }
  })
})
