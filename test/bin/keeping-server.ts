/** A room in a file that keeps more than a room does, in a process of its own: what was published can be counted. */
import process from 'node:process'
import { serve } from 'srvx/node'
import { handler as one } from '../../src/handlers/room-publish.ts'
import { handler as batch } from '../../src/handlers/room-publish-batch.ts'
import { memoryRooms } from '../../src/index.ts'
import { sqliteRooms } from '../../src/sqlite.ts'

const { FILE, PORT } = process.env
const retention = { events: 100_000, bytes: 100_000_000 }
const rooms = FILE ? sqliteRooms(FILE, { retention }) : memoryRooms({ retention })
const app = { rooms, env: {}, files: { get: async () => undefined } }

await serve({
  hostname: '127.0.0.1',
  port: Number(PORT),
  silent: true,
  gracefulShutdown: false,
  async fetch(request) {
    const isBatch = request.headers.get('content-type') === 'application/x-ndjson'
    if (request.method === 'POST') return isBatch ? batch(request, app) : one(request, app)
    const all: object[] = []
    let after = '0'
    for (;;) {
      const page = await Array.fromAsync(rooms.get('lobby').read({ after, live: false }))
      all.push(...page)
      const last = page.at(-1)
      if (!last || last.id === after) return Response.json(all)
      after = last.id
    }
  },
}).ready()
console.log('ready')
