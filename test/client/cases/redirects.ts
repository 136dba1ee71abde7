/** Redirects. WPT's eventsource/request-redirect, re-derived, and what another origin is told. */
import { connect } from '../../../src/client.ts'
import { rejection, same } from '../assert.ts'
import type { ConnectCase } from '../connect-case.ts'
import { all, opened, QUICK } from '../reading.ts'
import { refused } from '../refused.ts'
import type { Answer, Seen } from '../script.ts'
import { Scripted } from '../scripted.ts'

const ONE = { body: ['id: 1\ndata: one\n\n'] }
const moved = (status: number, location: string): Answer => ({ status, headers: { location } })

export const redirects: ConnectCase[] = [
  {
    name: 'follows redirects by their rules, a relative one too',
    async run(world) {
      for (const status of [301, 302, 303, 307, 308])
        for (const method of ['GET', 'POST', 'PUT']) {
          const target = await Scripted.play(world.server, ONE)
          const path = new URL(target.url).pathname
          const isAsked = method !== 'GET'
          const body = isAsked ? { body: 'asked' } : {}
          const hops = world.platform.flags.tellsRedirects ? 1 : 2
          const script = await Scripted.play(world.server, ...Array(hops).fill(moved(status, path)))
          const headers = { 'x-own': 'mine', ...(isAsked && { 'content-type': 'text/x-own' }) }
          const connection = connect(script.url, { ...QUICK, ...body, method, headers, lastEventId: '7' })
          const iterator = connection[Symbol.asyncIterator]()
          same((await iterator.next()).value?.data, 'one')
          await connection.close()
          const [seen] = (await target.requests(1)) as [Seen]
          const becomesGet = isAsked && (status === 303 || (status < 303 && method === 'POST'))
          same([seen.method, seen.body], becomesGet ? ['GET', ''] : [method, isAsked ? 'asked' : ''], `${status}`)
          same([seen.headers['x-own'], seen.headers['last-event-id']], ['mine', '7'])
          same(seen.headers['content-type'] ?? null, isAsked && !becomesGet ? 'text/x-own' : null)
          same((await script.requests(0)).length, hops)
        }
    },
  },
  {
    name: 'tells another origin no credentials',
    async run(world) {
      const target = await Scripted.play(world.server, ONE)
      const { tellsRedirects } = world.platform.flags
      const hops = Array(tellsRedirects ? 1 : 2).fill({
        ...moved(307, target.other),
        body: ['elsewhere'],
        end: 'hang',
      })
      const headers = { authorization: 'Bearer secret', 'x-key': 'secret', cookie: 'secret=1' }
      let asked = 0
      const ticket = (): string => `secret${++asked}`
      const { script, connection } = await opened(world, hops, { headers, ticket, lastEventId: '7', body: 'asked' })
      const iterator = connection[Symbol.asyncIterator]()
      same((await iterator.next()).value?.data, 'one')
      // What a redirect says beside where it leads is not waited for.
      if (tellsRedirects) same(await script.ending(0), 'left')
      await connection.close()
      const [seen] = (await target.requests(1)) as [Seen]
      same([seen.url, seen.method, seen.body, seen.port], ['', 'POST', 'asked', Number(new URL(target.other).port)])
      same(seen.headers['last-event-id'], '7')
      same(/^text\/plain/.test(seen.headers['content-type'] ?? ''), world.platform.flags.typesText)
      same([seen.headers.authorization ?? null, seen.headers.cookie ?? null], [null, null])
      same(seen.headers['x-key'] ?? null, tellsRedirects ? null : 'secret')
      // A ticket is good for one request.
      same(
        (await script.requests(0)).map(({ url }) => url),
        hops.map((_, at) => `?ticket=secret${at + 1}`),
      )
    },
  },
  {
    name: 'takes another scheme or port for another origin',
    async run() {
      for (const location of ['https://one.example/', 'http://one.example:8080/', 'http://one.example/there']) {
        const asked: Request[] = []
        const fetch = async (request: Request): Promise<Response> =>
          asked.push(request) === 1
            ? new Response(null, { status: 307, headers: { location } })
            : new Response(null, { status: 204 })
        const headers = { 'x-key': 'secret', 'last-event-id': '7' }
        same(await all(connect('http://one.example/', { fetch, headers })), [])
        const [, seen] = asked as [Request, Request]
        const isOther = new URL(location).origin !== 'http://one.example'
        same(
          [seen.url, seen.headers.get('x-key'), seen.headers.get('last-event-id')],
          [location, isOther ? null : 'secret', '7'],
        )
      }
    },
  },
  {
    name: 'comes back to the address that it was given',
    async run(world) {
      const target = await Scripted.play(world.server, ONE, { body: ['id: 2\ndata: two\n\n'] })
      const hops = Array(world.platform.flags.tellsRedirects ? 2 : 4).fill(moved(302, target.url))
      const { script, connection } = await opened(world, hops)
      same(await all(connection), ['one', 'two'])
      same(
        (await target.requests(2)).map(({ headers }) => headers['last-event-id'] ?? null),
        [null, '1'],
      )
      same((await script.requests(0)).length, hops.length + 1)
    },
  },
  {
    name: 'fails with a typed error where redirects lead nowhere, and follows twenty',
    async run(world) {
      if (!world.platform.flags.tellsRedirects) {
        // A browser gives them up for a network that failed, which is tried again.
        const { connection, states } = await opened(world, [moved(302, 'http://['), moved(302, 'http://['), ONE])
        same([await all(connection), states.some(({ retryAt }) => retryAt)], [['one'], true])
        return
      }
      for (const location of [
        'ftp://127.0.0.1/',
        'javascript:alert(1)',
        'http://[',
        'http://me:secret@127.0.0.1/',
        'data:,',
      ])
        for (const status of [301, 307]) {
          const { code, status: of } = await refused(world, moved(status, location))
          same([code, of], ['refused', status], location)
        }
      const loop = await opened(world, Array(30).fill(moved(302, '?again')))
      same((await rejection(all(loop.connection))).code, 'refused')
      same((await loop.script.requests(0)).length, 21)
      const long = await opened(world, [...Array(20).fill(moved(302, '?again')), ONE])
      same(await all(long.connection), ['one'])
    },
  },
]
