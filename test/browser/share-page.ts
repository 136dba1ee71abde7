/** What the test of `share` runs in each tab. */
import type { Connection } from '../../src/client/connect.ts'
import { type ShareOptions, share } from '../../src/client/share.ts'

export interface SharePage {
  open(url: string, options: ShareOptions): void
  /** The number in the id of each message so far, `gap` where the room says that there is one, and what ended it. */
  told(): (number | string)[]
  /** Whether it is this tab that reads for all. */
  leads(): Promise<boolean>
}

declare global {
  var sharePage: SharePage
}

const told: (number | string)[] = []
let connection: Connection

async function read(): Promise<void> {
  try {
    for await (const { event, id } of connection)
      if (event === 'stream.gap') told.push('gap')
      else if (event === 'message') told.push(Number.parseInt(id ?? '', 10))
    told.push('end')
  } catch (error) {
    told.push(String(error))
  }
}

async function leads(): Promise<boolean> {
  const own = crypto.randomUUID()
  const { held = [] } = await navigator.locks.request(own, () => navigator.locks.query())
  const holder = (isIt: (name: string) => boolean): string | undefined =>
    held.find(({ name = '' }) => isIt(name))?.clientId
  return holder((name) => name === own) === holder((name) => name.startsWith('edge-sse:'))
}

globalThis.sharePage = {
  open: (url, options) => {
    connection = share(url, options)
    void read()
  },
  told: () => told,
  leads,
}
