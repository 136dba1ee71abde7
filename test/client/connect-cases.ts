/** The suite of `connect()`: what it does with a server that does what it is told, on every platform. */
import { answers } from './cases/answers.ts'
import { callbacks } from './cases/callbacks.ts'
import { closing } from './cases/closing.ts'
import { memory } from './cases/memory.ts'
import { messages } from './cases/messages.ts'
import { network } from './cases/network.ts'
import { reconnect } from './cases/reconnect.ts'
import { redirects } from './cases/redirects.ts'
import { requests } from './cases/requests.ts'
import { text } from './cases/text.ts'
import { watchdog } from './cases/watchdog.ts'
import type { ConnectCase } from './connect-case.ts'

export const connectCases: ConnectCase[] = [
  ...requests,
  ...reconnect,
  ...answers,
  ...redirects,
  ...text,
  ...watchdog,
  ...memory,
  ...closing,
  ...callbacks,
  ...messages,
  ...network,
]
