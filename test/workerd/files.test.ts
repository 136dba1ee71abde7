/** The stores of files on Cloudflare: the contract, and what is particular to each. */
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { assetFiles } from '../../src/files/asset-files.ts'
import { bucketFiles } from '../../src/files/bucket-files.ts'
import { bytesOf, fileStoreContract } from '../files/contract.ts'
import { pattern, STORED } from '../files/stored.ts'

describe('bucketFiles', () => {
  beforeAll(async () => {
    for (const [name, bytes] of Object.entries(STORED)) {
      await env.FILES.put(name, bytes)
      await env.FILES.put(`below/${name}`, bytes)
    }
    await env.FILES.put('.env', 'secret')
    await env.FILES.put('../etc/passwd', 'secret') // A bucket takes any key: the name is refused before.
  })

  describe('of a bucket', () => fileStoreContract(() => bucketFiles(env.FILES)))
  describe('of a folder', () => fileStoreContract(() => bucketFiles(env.FILES, 'below')))

  it('says when, and the type an object was stored with', async () => {
    const before = Date.now()
    await env.FILES.put('typed', 'x', { httpMetadata: { contentType: 'text/x-mine' } })
    const file = await bucketFiles(env.FILES).get('typed')
    expect(file?.type).toBe('text/x-mine')
    expect(Math.abs((file?.modified?.getTime() ?? 0) - before)).toBeLessThan(60_000)
  })

  it('refuses an object that was written or deleted since', async () => {
    await env.FILES.put('moving', 'aaaa')
    const file = await bucketFiles(env.FILES).get('moving')
    await env.FILES.put('moving', 'bbbb')
    await expect(file?.open()).rejects.toMatchObject({ code: 'file-changed' })
    expect((await bucketFiles(env.FILES).get('moving'))?.etag).not.toBe(file?.etag)
    await env.FILES.delete('moving')
    await expect(file?.open({ offset: 0, length: 1 })).rejects.toMatchObject({ code: 'file-changed' })
  })
})

describe('assetFiles', () => {
  describe('of all assets', () => fileStoreContract(() => assetFiles(env.ASSETS)))
  describe('of a folder', () => fileStoreContract(() => assetFiles(env.ASSETS, 'below')))

  it('reads no more of an asset than a part needs, and is told that its reader left', async () => {
    let read = 0
    let left = false
    const chunks = (): ReadableStream<Uint8Array> =>
      new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            read++
            controller.enqueue(pattern(1_000))
          },
          cancel() {
            left = true
          },
        },
        { highWaterMark: 0 },
      )
    let counted = false
    const assets = {
      async fetch({ method }: Request): Promise<Response> {
        const headers = { etag: '"part-test"' }
        if (method === 'HEAD' || !counted) {
          counted = method === 'GET'
          return new Response(method === 'HEAD' ? null : pattern(100_000), { headers })
        }
        return new Response(chunks(), { headers })
      },
    }
    const file = await assetFiles(assets).get('x.bin')
    expect(file?.size).toBe(100_000)
    expect(await bytesOf(await (file?.open({ offset: 2_500, length: 1_000 }) as Promise<never>))).toHaveLength(1_000)
    expect({ read, left }).toEqual({ read: 4, left: true })
  })

  it('refuses an asset that is another one by now', async () => {
    let version = 1
    const assets = {
      fetch: async ({ method }: Request): Promise<Response> =>
        new Response(method === 'HEAD' ? null : 'x', { headers: { etag: `"changing-${version}"` } }),
    }
    const file = await assetFiles(assets).get('x.bin')
    version++
    await expect(file?.open()).rejects.toMatchObject({ code: 'file-changed' })
  })
})
