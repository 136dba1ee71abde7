/** What the caller gave to be called: it never resolves, throws, or closes the connection it is called by. */
import { type ConnectionState, connect, type StandardSchema } from '../../../src/client.ts'
import { rejection, same, until } from '../assert.ts'
import type { ConnectCase } from '../connect-case.ts'
import { all, opened, QUICK } from '../reading.ts'
import type { Answer } from '../script.ts'
import { Scripted } from '../scripted.ts'

const never = (): Promise<never> => new Promise(() => {})
const HELD: Answer = { body: ['id: 1\ndata: one\n\n'], end: 'hang' }

export const callbacks: ConnectCase[] = [
  {
    name: 'closes though a function for headers or ticket never resolves, and dials nothing when it does later',
    async run(world) {
      for (const name of ['headers', 'ticket'] as const) {
        let asked = 0
        let resolve = (_: never): void => {}
        const late = (): Promise<never> => {
          asked++
          return new Promise<never>((done) => {
            resolve = done
          })
        }
        let fetched = 0
        const fetch = async (): Promise<Response> => {
          fetched++
          return new Response()
        }
        const { connection } = await opened(world, [HELD], { [name]: late, fetch })
        const ended = all(connection)
        await until(() => asked === 1, 'it was asked')
        await connection.close()
        same(await ended, [])
        resolve((name === 'headers' ? {} : 't') as never)
        await new Promise((done) => setTimeout(done))
        same(fetched, 0)
      }
    },
  },
  {
    name: 'closes though a validator never resolves',
    async run({ server }) {
      let asked = 0
      const validate = (): Promise<never> => {
        asked++
        return never()
      }
      const message: StandardSchema<string> = { '~standard': { version: 1, vendor: 'test', validate } }
      const script = await Scripted.play(server, { body: ['id: 1\ndata: 1\n\n'], end: 'hang' })
      const connection = connect<{ message: string }>(script.url, { ...QUICK, schemas: { message } })
      const ended = all(connection)
      await until(() => asked === 1, 'it was asked')
      await connection.close()
      same([await ended, connection.lastEventId, await script.ending(0)], [[], '', 'left'])
    },
  },
  {
    name: 'closes when it is told to by who is told of its state, whichever it is, and dials no more',
    async run(world) {
      const zero: Answer = { body: ['id: 0\ndata: zero\n\n'] }
      const answers: Answer[] = [{ status: 503, headers: {} }, zero, { body: [': hello\n\n'], end: 'hang' }]
      const { connection: whole, states } = await opened(world, answers)
      const read = all(whole)
      await until(() => states.filter(({ phase }) => phase === 'live').length === 3, 'it is live a second time')
      await whole.close()
      same(await read, ['zero'])
      // Before each dial, and not while it waits or reads.
      const dials = states.map(({ phase, retryAt }) => /connecting|resuming/.test(phase) && retryAt === undefined)
      for (const [at, { phase }] of states.entries()) {
        if (phase === 'closed') continue
        let told = 0
        let closed: Promise<void> | undefined
        const onState = (): void => {
          if (told++ === at) closed = connection.close()
        }
        const { connection, script } = await opened(world, answers, { onState })
        await all(connection)
        await closed
        same(connection.state.phase, 'closed')
        same((await script.requests(0)).length, dials.slice(0, at).filter(Boolean).length, `requests after state ${at}`)
      }
      const late: Answer = { status: 503, headers: { 'retry-after': '60' } }
      const onState = ({ retryAt }: ConnectionState): void => {
        if (retryAt !== undefined) void connection.close()
      }
      const { connection } = await opened(world, [late], { onState })
      same(await all(connection), [])
    },
  },
  {
    name: 'throws what the caller’s own callback throws, and is closed then',
    async run(world) {
      const onState = (): void => {
        throw new Error('mine')
      }
      const { script, connection } = await opened(world, [HELD], { onState })
      same((await rejection(all(connection))).message, 'mine')
      same([connection.state.phase, (await script.requests(0)).length], ['closed', 0])
    },
  },
]
