import { describe, expect, it } from 'vitest'
import { Admission } from '../src/app/admission.ts'
import { clientAddress } from '../src/app/client-address.ts'

const overloaded = { code: 'overloaded' }
const tooMany = (field: string) => ({ code: 'too-many-connections', field })

describe('Admission', () => {
  it('gives a place back once, however often it is left', async () => {
    const admission = new Admission({ streams: 1 })
    const place = await admission.admit('a', 'granted')
    await expect(admission.admit('b', 'granted')).rejects.toMatchObject(overloaded)
    place.leave()
    place.leave()
    await admission.admit('b', 'granted')
    await expect(admission.admit('c', 'granted')).rejects.toMatchObject(overloaded)
  })

  it('counts those who need no right apart, and gives them a quarter', async () => {
    const admission = new Admission({ streams: 8 })
    for (let n = 0; n < 2; n++) await admission.admit(undefined, 'anyone')
    await expect(admission.admit(undefined, 'anyone')).rejects.toMatchObject(overloaded)
    for (let n = 0; n < 8; n++) await admission.admit(undefined, 'granted')
    await expect(admission.admit(undefined, 'granted')).rejects.toMatchObject(overloaded)
  })

  it('keeps no place for who was refused one of a subject or an address', async () => {
    const admission = new Admission({ streams: 3, streamsPerAddress: 2, streamsPerSubject: 1 })
    const [one, two] = [await admission.admit('a', 'granted'), await admission.admit('a', 'granted')]
    await expect(admission.admit('a', 'granted')).rejects.toMatchObject(tooMany('streams-per-address'))
    await one?.belongsTo('ada')
    await expect(two?.belongsTo('ada')).rejects.toMatchObject(tooMany('streams-per-subject'))
    two?.leave()
    one?.leave()
    const three = await Promise.all([1, 2, 3].map((n) => admission.admit(`${n}`, 'granted')))
    await three[0]?.belongsTo('ada')
  })

  it('counts for nobody whose place was left while it was asked about', async () => {
    const asked = Promise.withResolvers<boolean>()
    const admission = new Admission({ streamsPerSubject: 1, rate: () => asked.promise })
    const place = await admission.admit(undefined, 'granted')
    const belongs = place.belongsTo('ada')
    place.leave()
    asked.resolve(true)
    await belongs
    await (await admission.admit(undefined, 'granted')).belongsTo('ada')
  })

  it('takes none while too much memory is used, and looks again', async () => {
    let used = 10
    const admission = new Admission({ memory: 10, usedMemory: () => used })
    await expect(admission.admit('a', 'granted')).rejects.toMatchObject({ ...overloaded, field: 'memory' })
    used = 9
    await expect
      .poll(() =>
        admission.admit('a', 'granted').then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
  })
})

describe('clientAddress', () => {
  const request = new Request('http://localhost/', {
    headers: {
      'x-real-ip': '192.0.2.1',
      'x-forwarded-for': '203.0.113.9, 198.51.100.2',
      'x-empty': ' ',
      'x-junk': 'junk',
      'x-port': '192.0.2.1:4444',
      'x-six': '[2001:db8::1]:443',
    },
  })

  it.each<[socket: string | undefined, header: string | undefined, is: string | undefined]>([
    ['127.0.0.1', undefined, '127.0.0.1'],
    ['127.0.0.1', 'X-Real-IP', '192.0.2.1'],
    ['127.0.0.1', 'x-forwarded-for', '198.51.100.2'],
    ['127.0.0.1', 'x-empty', '127.0.0.1'],
    ['127.0.0.1', 'x-missing', '127.0.0.1'],
    ['127.0.0.1', 'x-junk', '127.0.0.1'],
    ['127.0.0.1', 'x-port', '192.0.2.1'],
    ['127.0.0.1', 'x-six', '2001:db8:0:0::/64'],
    [undefined, undefined, undefined],
    ['::ffff:192.0.2.7', undefined, '192.0.2.7'],
    ['::1', undefined, '0:0:0:0::/64'],
    ['2001:db8::1', undefined, '2001:db8:0:0::/64'],
    ['2001:DB8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', undefined, '2001:db8:1:2::/64'],
  ])('of %s with the header %s is %s', (socket, header, is) => {
    expect(clientAddress(request, socket, header)).toBe(is)
  })
})
