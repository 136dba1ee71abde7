import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launch, type Server } from '../launch.ts'

describe('GET /healthz', () => {
  let server: Server
  beforeAll(async () => {
    server = await launch()
  })
  afterAll(() => server.close())

  it('says that the Worker lives', async () => {
    const response = await fetch(`${server.url}/healthz`)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok' })
  })
})
