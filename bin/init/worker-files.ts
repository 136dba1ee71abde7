/** What a Worker has beside its handler: README, "Over HTTP" and "Rooms". */
import type { Template } from './templates.ts'

/** That of the tests of this package. */
const COMPATIBILITY_DATE = '2026-11-17'

/** The Worker, where its rooms are objects. */
export function workerFile({ rooms, handlers: [handler] }: Template): string | undefined {
  if (rooms === 'none') return undefined
  const producers = { object: '', producers: 'producers', 'producers-of-env': 'producers(this.env)' }[rooms]
  return `// The Worker: its rooms are Durable Objects, which sleep while nobody speaks, and remember.
import { standalone } from 'edge-sse'
import { durableRooms, RoomObject } from 'edge-sse/cloudflare'
import { ${producers ? 'handler, producers' : 'handler'} } from './${handler}.ts'

export class Room extends RoomObject {${producers ? `\n  producers = ${producers}\n` : ''}}

export default standalone(handler, { rooms: (env) => durableRooms(env.ROOMS) })
`
}

export function wranglerToml(name: string, main: string, { rooms, name: template }: Template): string {
  const objects = `
[[durable_objects.bindings]]
name = "ROOMS"
class_name = "Room"

[[migrations]]
tag = "v1"
new_sqlite_classes = ["Room"]
`
  const assets = `
[assets]
directory = "files"
binding = "ASSETS"
run_worker_first = true
`
  return `name = "${name}"
main = "${main}"
compatibility_date = "${COMPATIBILITY_DATE}"
send_metrics = false

[dev]
ip = "127.0.0.1"
${rooms === 'none' ? '' : objects}${template === 'download' ? assets : ''}`
}
