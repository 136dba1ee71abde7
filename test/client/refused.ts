/** A connection that fails for good. */
import { holds, rejection, same } from './assert.ts'
import type { World } from './connect-case.ts'
import { all, opened } from './reading.ts'
import type { Answer } from './script.ts'

/** The error of the first attempt, after which there is no other. */
export async function refused(
  world: World,
  answer: Answer,
  options = {},
): Promise<Awaited<ReturnType<typeof rejection>>> {
  const { script, connection, states } = await opened(world, [answer, { body: ['data: one\n\n'] }], options)
  const error = await rejection(all(connection))
  same([(await script.requests(0)).length, states.at(-1)?.phase], [1, 'closed'])
  holds(states.at(-1)?.error === error, 'the last state has the error')
  return error
}
