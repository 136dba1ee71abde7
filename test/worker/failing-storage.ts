/** The Worker with objects whose storage fails when a test says so: at a statement of its choice, in a room of its choice. */
import { bundleWorker } from '../bundle-worker.ts'
import { launch, type Server } from '../launch.ts'

/** What fails in a room. `BEGIN` and `COMMIT` stand for those of a transaction. */
export interface Fault {
  /** Statements that fail, as a regular expression. Defaults to all. */
  match?: string
  /** How many of them are let through first. Defaults to 0. */
  skip?: number
  /** How many fail then. Defaults to all, until it is mended. */
  times?: number
}

/** Rooms whose names begin so keep two events, others as many as all rooms. */
export const SMALL = 'small'

/** What its storage throws, for who looks for it in answers. */
export const REASON = 'disk-i/o-error-7f3'

const WORKER = `
  import worker, { RoomObject as Room } from '../../../src/runtimes/workers.ts'

  const faults = new Map()
  const joins = new Map()

  export class RoomObject extends Room {
    constructor(ctx, env) {
      super(ctx, env)
      if (ctx.id.name.startsWith('${SMALL}')) this.retention = { events: 2 }
      const strike = (statement) => {
        const fault = faults.get(ctx.id.name)
        if (!fault || !fault.match.test(statement) || fault.skip-- > 0 || fault.times-- <= 0) return
        fault.struck++
        throw new Error('${REASON}')
      }
      const { storage } = ctx
      const { sql } = storage
      const { exec } = sql
      sql.exec = (statement, ...values) => {
        strike(statement)
        return exec.call(sql, statement, ...values)
      }
      const { transactionSync } = storage
      storage.transactionSync = (work) => {
        strike('BEGIN')
        return transactionSync.call(storage, () => {
          work()
          strike('COMMIT')
        })
      }
    }
    onJoin() {
      joins.set(this.ctx.id.name, (joins.get(this.ctx.id.name) ?? 0) + 1)
    }
  }

  export default {
    async fetch(request, env, ctx) {
      const { pathname } = new URL(request.url)
      const [, prefix, room] = pathname.split('/')
      if (prefix !== 'storage') return worker.fetch(request, env, ctx)
      const struck = faults.get(room)?.struck ?? 0
      faults.delete(room)
      if (request.method === 'PUT') {
        const { match = '', skip = 0, times = Infinity } = await request.json()
        faults.set(room, { match: new RegExp(match), skip, times, struck: 0 })
      }
      return Response.json({ struck, joins: joins.get(room) ?? 0 })
    },
  }
`

export interface FailingServer extends Server {
  /** From now on a room's storage fails. */
  fail(room: string, fault?: Fault): Promise<void>
  /** It works again. Gives how often it has failed, and how many readers have come to the room's object so far. */
  mend(room: string): Promise<{ struck: number; joins: number }>
}

export async function launchFailing(): Promise<FailingServer> {
  const server = await launch(undefined, { bundle: bundleWorker('test/output/storage', 'storage', WORKER) })
  const ask = async (room: string, init: RequestInit): Promise<{ struck: number; joins: number }> =>
    (await fetch(`${server.url}/storage/${room}`, init)).json() as Promise<{ struck: number; joins: number }>
  return {
    ...server,
    fail: async (room, fault = {}) => void (await ask(room, { method: 'PUT', body: JSON.stringify(fault) })),
    mend: (room) => ask(room, { method: 'DELETE' }),
  }
}
