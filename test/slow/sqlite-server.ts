/** The app on rooms in a SQLite file, on whatever runtime runs this: `<path of the file> <port>`. */
import process from 'node:process'
import { serve } from 'srvx'
import { openAccess } from '../../src/access/open.ts'
import { app } from '../../src/app.ts'
import { sqliteRooms } from '../../src/rooms/sqlite.ts'

const [path = '', port] = process.argv.slice(2)
const rooms = sqliteRooms(path)
const pages = (): Response => new Response(null, { status: 404 })
const server = serve({
  hostname: '127.0.0.1',
  port: Number(port),
  silent: true,
  gracefulShutdown: false,
  fetch: (request) => app.fetch(request, { rooms, access: openAccess, pages }),
})
await server.ready()
console.log('listening')
