/** A `Room` over any backend. */
import { SseError } from '../errors.ts'
import type { RoomBackend } from './backend.ts'
import { formatCursor } from './cursor.ts'
import { checkKey, checkMessages, checkPublishKey } from './publish.ts'
import { read } from './read.ts'
import type { NewMessage, Published, PublishOptions, Room } from './room.ts'
import { subscribe } from './subscribe.ts'

/** In characters. */
const LARGEST_INPUT = 1_048_576

export function makeRoom(name: string, backend: RoomBackend): Room {
  const publishAll = async (
    messages: readonly NewMessage[],
    { key, subject = '', signal, create }: PublishOptions = {},
  ): Promise<Published[]> => {
    checkSubject(subject)
    const checked = checkMessages(messages)
    const terms = { subject, key: await checkPublishKey(key, checked), create }
    signal?.throwIfAborted()
    if (checked.length === 0) return []
    const { first, tag, duplicate } = await backend.publish(checked, terms)
    return checked.map((_, index) => ({
      id: formatCursor({ seq: first + index, tag }),
      duplicate,
      durable: backend.durable,
    }))
  }
  return {
    name: checkRoomName(name),
    publish: async (message, options) => (await publishAll([message], options))[0] as Published,
    publishAll,
    subscribe: async (request, options) => {
      checkSubject(options?.subject)
      return subscribe(backend, request, options)
    },
    read: (options) => {
      checkSubject(options?.subject)
      return read(backend, options)
    },
    start: async (producer, input, { key, subject = '', whenEmpty = 'continue', then = 'close', create } = {}) => {
      checkSubject(subject)
      const text = toInput(input)
      const terms = { producer, subject, key: await checkKey(key, [producer, text]), whenEmpty, then, create }
      return backend.start(text, terms)
    },
    stop: (run) => backend.stop(run),
    info: () => backend.info(),
    purge: () => backend.purge(),
    close: () => backend.close(),
  }
}

/** What a producer gets, as it travels to where the room lives. */
function toInput(input: unknown): string {
  const text: string | undefined = JSON.stringify(input ?? null)
  if (text === undefined) throw new SseError('cannot-encode', 'Cannot start: the input has no JSON')
  if (text.length > LARGEST_INPUT) throw new SseError('payload-too-large', 'Cannot start: the input is over 1 MiB')
  return text
}

/** It is stored with each of its keys, and attached to the socket of each of its readers. */
function checkSubject(subject = ''): void {
  if (typeof subject !== 'string' || subject.length > 512)
    throw new SseError('invalid-option', 'Cannot use room: `subject` is not a string of at most 512 characters', {
      field: 'subject',
    })
}

function checkRoomName(name: string): string {
  if (!/^[A-Za-z0-9._~-]{1,64}$/.test(name) || name === '.' || name === '..')
    throw new SseError('invalid-room', 'Cannot open room: its name is not 1 to 64 of A-Z a-z 0-9 . _ ~ -')
  return name
}
