/** What the pages are made of, over real sockets: the client that they read streams with is one of their files. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launch, type Server } from './launch.ts'

describe('the client of the pages', () => {
  let server: Server
  beforeAll(async () => {
    server = await launch()
  })
  afterAll(() => server.close())

  const get = (name: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}/demo/client/${name}`, { headers })

  it.each([
    ['client.js', ['SseError', 'connect']],
    ['share.js', ['share']],
    ['event-source.js', ['EventSource']],
  ])('%s is a module with all that it imports beside it', async (entry, names) => {
    const text = await (await get(entry)).text()
    const [, exported = ''] = /export\s*\{([^}]*)\};?\s*$/.exec(text) ?? []
    expect(exported.split(',').map((one) => one.split(' as ').at(-1))).toEqual(names)
    const imported = [...text.matchAll(/from\s*"\.\/([^"]+)"/g)].map(([, name = '']) => name)
    expect(imported.length).toBeGreaterThan(0)
    for (const name of imported) expect((await get(name)).status).toBe(200)
  })

  it('is sent like every other file of theirs', async () => {
    const [client, style] = await Promise.all([get('client.js'), fetch(`${server.url}/demo/style.css`)])
    await Promise.all([client.text(), style.text()])
    expect(client.headers.get('content-type')).toMatch(/^text\/javascript/)
    for (const name of ['content-security-policy', 'x-content-type-options', 'referrer-policy', 'cache-control'])
      expect([name, client.headers.get(name)]).toEqual([name, style.headers.get(name)])
    const etag = client.headers.get('etag') ?? ''
    expect(etag).not.toBe('')
    expect((await get('client.js', { 'if-none-match': etag })).status).toBe(304)
  })
})
