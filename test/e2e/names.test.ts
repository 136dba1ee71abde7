/** Which room a path means, over bare sockets: it is the one whose right was looked at, however the path is written. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { launch, type Server } from './launch.ts'
import { exchange, type RawResponse, request } from './raw-socket.ts'
import { publish } from './room-client.ts'

const ROOMS = ['team-1', 'team-10', 'team-', 'team', 'Team-1', 'lobby', 'a_b', 'a-b', 'a.b', '__proto__', 'constructor']
const markOf = (room: string): string => `<<said in ${room}>>`

let server: Server
const rights = ['subscribe', 'publish']
const bearer = async (rooms: Record<string, string[]>): Promise<Record<string, string>> => ({
  Authorization: `Bearer ${await tokenOf({ claims: { rooms } })}`,
})

beforeAll(async () => {
  server = await launch({ EDGE_SSE_JWT_SECRET: JWT_SECRET })
  const headers = await bearer({ '*': rights })
  for (const room of ROOMS) await publish(server.url, room, markOf(room), { headers })
})
afterAll(() => server.close())

const marksIn = ({ body }: RawResponse): string[] => ROOMS.filter((room) => String(body).includes(markOf(room)))
const get = async (path: string, rooms: Record<string, string[]>): Promise<RawResponse> =>
  exchange(server.port, request('GET', path, { ...(await bearer(rooms)), Accept: 'application/x-ndjson' }))

describe('a path', () => {
  it.each([
    ['team-1', 'team-1'],
    ['team%2D1', 'team-1'],
    ['team%2d1', 'team-1'],
    ['%74%65%61%6D%2D%31', 'team-1'],
    ['a%5Fb', 'a_b'],
    ['%61%2D%62', 'a-b'],
    ['a%2Eb', 'a.b'],
    ['%5F_proto_%5F', '__proto__'],
    ['constructor', 'constructor'],
  ])('/rooms/%s/events is that of %s', async (segment, room) => {
    const path = `/rooms/${segment}/events`
    const mine = await get(path, { [room]: ['subscribe'] })
    expect([mine.status, marksIn(mine)]).toEqual([200, [room]])
    const others = Object.fromEntries(ROOMS.filter((other) => other !== room).map((other) => [other, rights]))
    const refused = await get(path, { ...others, [segment === room ? 'x' : segment]: rights })
    expect([refused.status, marksIn(refused)]).toEqual([403, []])
  })

  it.each([
    ['/rooms/team-1/../lobby/events', 403],
    ['/rooms/team-1/%2e%2e/lobby/events', 403],
    ['/rooms/team-1/.%2E/lobby/events', 403],
    ['/rooms/team-1\\..\\lobby/events', 403],
    ['/team-1/../rooms/lobby/events', 403],
    ['/rooms/./lobby/events', 403],
    ['/rooms/team-1%2F..%2Flobby/events', 400],
    ['/rooms/team-1%5C..%5Clobby/events', 400],
    ['/rooms/team-1%00/events', 400],
    ['/rooms/team-1%20/events', 400],
    ['/rooms/team-1%3Fx/events', 400],
    ['/rooms/team-1%23/events', 400],
    ['/rooms/team-1%/events', 400],
    ['/rooms/team-1%ff/events', 400],
    ['/rooms/team-1;lobby/events', 400],
    ['/rooms/team-1*/events', 400],
    ['/rooms/team%252D1/events', 403],
    ['/rooms/lobby/events?room=team-1', 403],
    ['/rooms/lobby/events?/rooms/team-1/events', 403],
    ['/rooms/lobby;team-1/events', 403],
    ['/rooms/%7Ejob-1/events', 404],
    ['/rooms//team-1/events', 404],
    ['/rooms/team-1//events', 404],
    ['/rooms/lobby/team-1/events', 404],
  ])('%s leads from the rights to team-1* nowhere: %i', async (path, status) => {
    const answer = await get(path, { 'team-1*': rights })
    expect([answer.status, marksIn(answer)]).toEqual([status, []])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })
})
