/** Every fact about the interface that the specification and web-platform-tests name, beside those on parsing. */
import { wpt } from '../parse/parse-case.ts'
import { type EventSourceCase, logged, next, staying, stream } from './event-source-case.ts'

const INTERFACE = 'HTML 9.2.2 The EventSource interface'
const PROCESSING = 'HTML 9.2.3 Processing model'
const INTERPRETING = 'HTML 9.2.6 Interpreting an event stream'

const nameOf = (make: () => unknown): string => {
  try {
    make()
    return 'made'
  } catch (error) {
    return `${error instanceof DOMException ? 'DOMException ' : ''}${(error as Error).name}`
  }
}

const construction: EventSourceCase[] = [
  {
    name: 'is connecting from the start, with its URL, without credentials and handlers',
    source: `${wpt('eventsource-url.any')}, ${wpt('eventsource-constructor-url-bogus.any')}`,
    answers: [staying('')],
    run: (open, url) => {
      const source = open()
      const { readyState, withCredentials, onopen, onmessage, onerror } = source
      source.close()
      return [source.url === url, readyState, withCredentials, onopen, onmessage, onerror, source.readyState]
    },
    expected: [true, 0, false, null, null, null, 2],
  },
  {
    name: 'takes credentials along where it is told to',
    source: INTERFACE,
    answers: [staying('')],
    run: (open) => {
      const source = open({ withCredentials: true })
      source.close()
      return source.withCredentials
    },
    expected: true,
  },
  {
    name: 'takes a URL, and whatever has the text of one',
    source: wpt('eventsource-constructor-stringify.window'),
    answers: [],
    run: (_, url, Class) =>
      [new URL(url), { toString: () => url }].map((each) => {
        const source = new Class(each as URL)
        source.close()
        return source.url === url
      }),
    expected: [true, true],
  },
  {
    name: 'throws a SyntaxError for what is no URL',
    source: wpt('eventsource-constructor-url-bogus.any'),
    answers: [],
    run: (_, _url, Class) => ['http://', 'https://', 'http://:80:80/'].map((url) => nameOf(() => new Class(url))),
    expected: Array(3).fill('DOMException SyntaxError'),
  },
  {
    name: 'has its constants on the class, the prototype and each instance, for good',
    source: wpt('eventsource-prototype.any'),
    answers: [staying('')],
    run: (open, _, Class) => {
      const source = open()
      const states = [Class, Class.prototype, source].map((each) => [each.CONNECTING, each.OPEN, each.CLOSED])
      const names = [Class, Class.prototype, source].map((each) => nameOf(() => Object.assign(each, { OPEN: 5 })))
      const more = ['readyState', 'url'].map((name) => nameOf(() => Object.assign(source, { [name]: 5 })))
      source.close()
      return [states, names, more, String(source), source instanceof EventTarget]
    },
    expected: [
      Array(3).fill([0, 1, 2]),
      Array(3).fill('TypeError'),
      ['TypeError', 'TypeError'],
      '[object EventSource]',
      true,
    ],
  },
]

const events: EventSourceCase[] = [
  {
    name: 'opens with an event that is no message',
    source: wpt('eventsource-onopen.any'),
    answers: [staying('')],
    run: async (open) => {
      const source = open()
      const event = await next(source, 'open')
      const { readyState } = source
      source.close()
      const { type, bubbles, cancelable, target } = event
      return [type, bubbles, cancelable, 'data' in event, target === source, event instanceof Event, readyState]
    },
    expected: ['open', false, false, false, true, true, 1],
  },
  {
    name: 'has messages with their data, id and origin',
    source: `${wpt('eventsource-onmessage.any')}, ${wpt('event-data.any')}`,
    answers: [staying('id: 5\ndata: a\ndata: b\n\n')],
    run: async (open, url) => {
      const source = open()
      const event = await next(source, 'message')
      source.close()
      const { type, data, lastEventId, bubbles, cancelable } = event
      const origin = event.origin === new URL(url).origin
      return [type, data, lastEventId, bubbles, cancelable, origin, event instanceof MessageEvent]
    },
    expected: ['message', 'a\nb', '5', false, false, true, true],
  },
  {
    name: 'calls a handler as its own',
    source: `${INTERFACE}, event handlers`,
    answers: [staying('data: a\n\n')],
    run: (open) =>
      new Promise((resolve) => {
        const source = open()
        source.onmessage = function (this: unknown) {
          source.close()
          resolve(this === source)
        }
      }),
    expected: true,
  },
  {
    name: 'calls the handler that is there now',
    source: `${INTERFACE}, event handlers`,
    answers: [staying('data: a\n\ndata: b\n\ndata: c\n\ndata: d\n\n')],
    run: (open) =>
      new Promise((resolve) => {
        const source = open()
        const log: string[] = []
        source.onmessage = ({ data }) => {
          log.push(`first ${data}`)
          source.onmessage = ({ data }) => {
            log.push(`second ${data}`)
            source.onmessage = null
          }
        }
        source.addEventListener('message', ({ data }) => {
          log.push(`listener ${data}`)
          if (data !== 'd') return
          source.close()
          resolve(log)
        })
      }),
    expected: ['first a', 'listener a', 'second b', 'listener b', 'listener c', 'listener d'],
  },
  {
    name: 'has listeners as every event target: twice the same is once, objects, once, removed ones',
    source: wpt('eventsource-eventtarget.any'),
    answers: [staying('event: x\ndata: a\n\nevent: x\ndata: b\n\n')],
    run: (open) =>
      new Promise((resolve) => {
        const source = open()
        const log: string[] = []
        const listener = ({ data }: MessageEvent): void => void log.push(`same ${data}`)
        const removed = (): void => void log.push('removed')
        for (const each of [listener, listener, removed]) source.addEventListener('x', each)
        source.removeEventListener('x', removed)
        source.addEventListener('x', { handleEvent: ({ data }: MessageEvent) => void log.push(`object ${data}`) })
        source.addEventListener('x', ({ data }: MessageEvent) => void log.push(`once ${data}`), { once: true })
        source.addEventListener('x', ({ data }: MessageEvent) => {
          if (data !== 'b') return
          source.close()
          resolve(log)
        })
      }),
    expected: ['same a', 'object a', 'once a', 'same b', 'object b'],
  },
  {
    name: 'takes events that are dispatched by hand',
    source: wpt('eventsource-eventtarget.any'),
    answers: [staying('')],
    run: (open) => {
      const source = open()
      const log: string[] = []
      source.addEventListener('test', ({ type }) => void log.push(type))
      const wasTaken = source.dispatchEvent(new Event('test'))
      source.close()
      return [wasTaken, log]
    },
    expected: [true, ['test']],
  },
  {
    name: 'has events of any name, also such as every object has, apart from messages',
    source: INTERPRETING,
    answers: [
      staying(
        ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'Message', 'message', 'é 😀', 'last']
          .map((name) => `event: ${name}\ndata: ${name}\n\n`)
          .join(''),
      ),
    ],
    run: (open) =>
      new Promise((resolve) => {
        const source = open()
        const log: string[] = []
        source.onmessage = ({ type, data }) => void log.push(`message ${type} ${data}`)
        for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'é 😀'])
          source.addEventListener(name, ({ type, data }: MessageEvent) => void log.push(`${type} ${data}`))
        source.addEventListener('last', () => {
          source.close()
          resolve(log)
        })
      }),
    expected: [
      'constructor constructor',
      '__proto__ __proto__',
      'toString toString',
      'hasOwnProperty hasOwnProperty',
      'message message message',
      'é 😀 é 😀',
    ],
  },
  {
    name: 'has a server’s events that are called open and error, and stays open',
    source: INTERPRETING,
    answers: [staying('event: open\ndata: a\n\nevent: error\ndata: b\n\ndata: c\n\n')],
    run: (open) =>
      new Promise((resolve) => {
        const source = open()
        const log: unknown[] = []
        const see = (event: Event): void =>
          void log.push([event.type, event instanceof MessageEvent ? event.data : '', source.readyState])
        source.onopen = see
        source.onerror = see
        source.onmessage = () => {
          source.close()
          resolve(log)
        }
      }),
    expected: [
      ['open', '', 1],
      ['open', 'a', 1],
      ['error', 'b', 1],
    ],
  },
  {
    name: 'goes on where a listener throws, with the other listeners and with the next message',
    source: 'DOM 2.10 Dispatching events',
    answers: [staying('data: a\n\ndata: b\n\n')],
    throws: true,
    run: (open) =>
      new Promise((resolve) => {
        const source = open()
        const log: string[] = []
        source.onmessage = ({ data }) => {
          throw new RangeError(`thrown at ${data}`)
        }
        source.addEventListener('open', () => {
          throw new RangeError('thrown at open')
        })
        source.addEventListener('message', ({ data }) => {
          log.push(data)
          if (data !== 'b') return
          source.close()
          resolve(log)
        })
      }),
    expected: ['a', 'b'],
  },
]

const lives: EventSourceCase[] = [
  {
    name: 'comes back with the last id, and says when it is away and when it is back',
    source: wpt('eventsource-reconnect.window'),
    answers: [stream('retry: 1\nid: 7\ndata: a\n\n'), staying('data: b\n\n')],
    run: (open) => logged(open(), 'message', 2),
    expected: ['open 1', 'message a 7', 'error 0', 'open 1', 'message b 7'],
    asked: ['', '7'],
  },
  {
    name: 'is closed, once, by 204',
    source: wpt('request-status-error.window'),
    answers: [stream('retry: 1\nid: 7\ndata: a\n\n')],
    run: (open) => logged(open(), 'error 2'),
    expected: ['open 1', 'message a 7', 'error 0', 'error 2'],
    asked: ['', '7'],
  },
  ...[401, 403, 404, 410].map(
    (status) =>
      ({
        name: `is closed, once and without having been open, by ${status}`,
        source: wpt('request-status-error.window'),
        answers: [{ status, body: 'data: a\n\n' }],
        run: (open) => logged(open(), 'error'),
        expected: ['error 2'],
        asked: [''],
      }) satisfies EventSourceCase,
  ),
  {
    name: 'is closed by what is no event stream',
    source: wpt('format-mime-bogus.any'),
    answers: [{ type: 'text/plain', body: 'data: a\n\n' }],
    run: (open) => logged(open(), 'error'),
    expected: ['error 2'],
    asked: [''],
  },
  {
    name: 'closed in its open event has no messages',
    source: wpt('eventsource-close.window'),
    answers: [staying('data: a\n\n'), staying('data: b\n\n')],
    run: async (open) => {
      const source = open()
      const log: string[] = []
      source.onmessage = ({ data }) => void log.push(data)
      source.onerror = () => void log.push('error')
      await new Promise<void>((resolve) => {
        source.onopen = () => {
          source.close()
          log.push(`open ${source.readyState}`)
          resolve()
        }
      })
      return [log, await logged(open(), 'message'), source.readyState]
    },
    expected: [['open 2'], ['open 1', 'message b'], 2],
    asked: ['', ''],
  },
  {
    name: 'closed in a message has none of those that came with it, and no error',
    source: `${wpt('eventsource-close.window')}, ${PROCESSING}`,
    answers: [staying('retry: 1\ndata: a\n\ndata: b\n\ndata: c\n\n'), stream('data: d\n\n')],
    run: async (open) => {
      const source = open()
      const log = await logged(source, 'message')
      const other = await logged(open(), 'error')
      return [log, other, source.readyState]
    },
    expected: [['open 1', 'message a'], ['open 1', 'message d', 'error 0'], 2],
  },
  {
    name: 'closed in its error does not come back',
    source: wpt('eventsource-close.window'),
    answers: [stream('retry: 1\nid: 7\ndata: a\n\n'), staying('data: b\n\n'), staying('data: c\n\n')],
    run: async (open) => [await logged(open(), 'error'), await logged(open(), 'message')],
    expected: [
      ['open 1', 'message a 7', 'error 0'],
      ['open 1', 'message b'],
    ],
    asked: ['', ''],
  },
  {
    name: 'closed twice, or before anything, has no events',
    source: wpt('eventsource-close.window'),
    answers: [staying('data: a\n\n'), staying('data: b\n\n')],
    run: async (open) => {
      const source = open()
      const log: string[] = []
      for (const type of ['open', 'message', 'error']) source.addEventListener(type, () => void log.push(type))
      source.close()
      source.close()
      // One that never got to its request leaves that answer to the next.
      return [source.readyState, (await logged(open(), 'message'))[0], log]
    },
    expected: [2, 'open 1', []],
  },
]

export const eventSourceCases: EventSourceCase[] = [...construction, ...events, ...lives]
