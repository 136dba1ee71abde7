/** The steps of a schedule as fast-check draws, prints and shrinks them. */
import fc from 'fast-check'
import { vi } from 'vitest'
import { LARGEST_BATCH } from './model-publishers.ts'
import type { ModelRoom } from './model-room.ts'
import type { ModelWorld } from './model-world.ts'

export type Step = fc.AsyncCommand<ModelWorld, ModelWorld>

const step = <Args>(
  kind: string,
  args: fc.Arbitrary<Args>,
  act: (world: ModelWorld, args: Args) => unknown,
): fc.Arbitrary<Step> =>
  args.map((drawn) => ({
    check: (world) => !world.off.has(kind),
    run: async (_, world) => {
      await act(world, drawn)
      await world.step()
    },
    toString: () => `${kind}${drawn === undefined ? '' : ` ${JSON.stringify(drawn)}`}`,
  }))

const reader = fc.nat(2)
const some = fc.record({ reader, count: fc.integer({ min: 1, max: 4 }) })
const looks = fc.integer({ min: 1, max: 2 })
const repeat = (count: number, act: () => boolean): void => {
  for (let n = 0; n < count && act(); n++);
}

/** Where a client comes back with what it did not read last. */
const elsewhere = fc.oneof(
  fc.constantFrom('start' as const, 'live' as const, 'malformed' as const),
  fc.nat(6),
  fc.record({ back: fc.nat(12) }),
  fc.record({ foreign: fc.nat(12) }),
)

/** The alarm goes off so many hours later, and maybe once more before anything else happens; clocks are set back, too. */
const tidyAfter = (hours: number, looks: number, room: ModelRoom): void => {
  vi.setSystemTime(Date.now() + hours * 3_600_000)
  repeat(looks, () => {
    room.tidy()
    return true
  })
}

/** Kinds of steps that a world can do without. */
export const KINDS = [
  'turn',
  'read',
  'drain',
  'publish keyed',
  'cut',
  'hear',
  'come back',
  'come back elsewhere',
  'come back ahead',
  'beat',
  'publish in vain',
  'restart',
  'purge',
  'tidy',
  'close',
]

/** Each kind of step as often as it stands in the list. Sizes of messages are in `unit` characters. */
export function steps(unit: number): fc.Arbitrary<Step>[] {
  const size = fc.nat(400).map((n) => n * unit)
  const sizes = fc.oneof(
    { arbitrary: size.map((one) => [one]), weight: 4 },
    { arbitrary: fc.array(size, { minLength: 2, maxLength: LARGEST_BATCH }), weight: 1 },
  )
  const often = [
    step('connect', reader, (world, r) => world.response(r).accept() || world.response(r).opened()),
    step('up', some, (world, { reader, count }) => repeat(count, () => world.response(reader).up())),
    step('down', some, (world, { reader, count }) => repeat(count, () => world.response(reader).down())),
    step('read', some, (world, { reader, count }) => world.read(reader, count)),
    step('publish', sizes, (world, each) => world.room.publishers.publish(each)),
    step('turn', fc.boolean(), (world, all) => world.room.turn(all)),
  ]
  const sometimes = [
    step('cut', fc.tuple(reader, fc.constantFrom(false, false, false, true)), (world, [r, final]) =>
      world.response(r).cut(final),
    ),
    step('drain', reader, (world, r) => world.response(r).stream.drain()),
    step('publish keyed', fc.nat(2), (world, key) => world.room.publishers.publish([key], { key: `key ${key}` })),
    step('evict', fc.constant(undefined), ({ room }) => room.publishers.waiting === 0 && room.evict()),
  ]
  const rarely = [
    step('hear', fc.constant(undefined), (world) => world.hear()),
    step('come back', fc.tuple(reader, fc.nat(3)), (world, [r, messages]) => world.comeBack(r, messages)),
    step('come back elsewhere', fc.tuple(reader, elsewhere), (world, [r, where]) => {
      const { room } = world
      if (typeof where !== 'object') return world.comeBack(r, 0, where)
      if ('back' in where) return world.comeBack(r, 0, room.published.cursorAt(Math.max(0, room.head - where.back)))
      return world.comeBack(r, 0, { seq: 1 + where.foreign, tag: 'aaaaaa' })
    }),
    step('come back ahead', reader, async (world, r) => {
      // With an id learnt elsewhere, and so quickly that it asks before what it knows was sent.
      world.comeBack(r, 0, world.room.published.cursorAt(world.room.head))
      if (world.response(r).accept() && world.response(r).opened()) await world.step()
      world.response(r).up()
    }),
    step('beat', reader, (world, r) => world.response(r).stream.beat()),
    step('publish in vain', sizes, (world, each) => world.room.publishers.publish(each, { fails: true })),
    step('orphan', fc.constant(undefined), ({ room }) => room.orphan()),
    step('restart', fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 })), (world, lost) => world.restart(lost)),
    step('purge', fc.nat(2), ({ room }, looks) => {
      room.purge()
      if (looks > 0) tidyAfter(24, looks, room)
    }),
    step('tidy', fc.tuple(fc.constantFrom(-2, 0, 1, 12, 24, 48), looks), ({ room }, [hours, looks]) =>
      tidyAfter(hours, looks, room),
    ),
    step('close', fc.constant(undefined), ({ room }) => room.close()),
  ]
  return [...Array(12).fill(often).flat(), ...Array(4).fill(sometimes).flat(), ...rarely]
}
