/** What platforms differ in: the cases assert each of these, and `reasons` says why it is not as one would wish. */

export interface Flags {
  /** Whether `cache: 'no-store'` is told to the server, which browsers do. */
  saysNoCache: boolean
  /** Whether a body that is text says so in its `Content-Type`. */
  typesText: boolean
  /** Whether a redirect says where it leads; where not, it is followed with a request more, and with headers of one's own. */
  tellsRedirects: boolean
  /** MiB that a server can say to a reader who takes nothing, at most: then it is held back at its socket. */
  readsAhead: number
  /** When the socket of a body is closed that is cancelled while a flood of it waits. */
  leavesFloods: 'at once' | 'at once or later'
  /** Whether a 408 is answered by another request before anybody is told of it. */
  repeats408: boolean
  /** Whether it says that it has no network, and when it is back. */
  knowsNetwork: boolean
}

export interface Platform {
  name: string
  flags: Flags
  reasons: Partial<Record<keyof Flags, string>>
  /** Bytes of memory that the process holds, where that can be told. */
  memory?: () => number
}

const NO_CACHE = 'its `fetch` has no cache, and passes over what it is told of one'
const memory = (): number =>
  (globalThis as unknown as { process: { memoryUsage(): { rss: number } } }).process.memoryUsage().rss

const asWished: Flags = {
  saysNoCache: true,
  typesText: true,
  tellsRedirects: true,
  readsAhead: 16,
  leavesFloods: 'at once',
  repeats408: false,
  knowsNetwork: false,
}

export const platforms: Record<'node' | 'deno' | 'bun' | 'workerd' | 'chromium', Platform> = {
  node: { name: 'Node', flags: asWished, reasons: {}, memory },
  deno: { name: 'Deno', flags: { ...asWished, saysNoCache: false }, reasons: { saysNoCache: NO_CACHE }, memory },
  bun: {
    name: 'Bun',
    flags: { ...asWished, saysNoCache: false, typesText: false },
    reasons: { saysNoCache: NO_CACHE, typesText: 'its `Request` sets none; what has a type of its own says it' },
    memory,
  },
  workerd: {
    name: 'workerd',
    flags: { ...asWished, leavesFloods: 'at once or later' },
    reasons: {
      leavesFloods: 'a bare `fetch` that is aborted or cancelled there keeps its socket as well, every other time',
    },
  },
  chromium: {
    name: 'Chromium',
    flags: { ...asWished, tellsRedirects: false, readsAhead: 256, repeats408: true, knowsNetwork: true },
    reasons: {
      tellsRedirects:
        'where it leads may be a secret of another site; of what is a credential it knows `Authorization` and cookies',
      readsAhead:
        'its `fetch` takes 62 to 94 MB ahead of who reads the body, and is held back then (of 1 GiB, with what sockets hold, 66 to 98)',
      repeats408: 'it takes it for the end of a connection that was kept for too long',
    },
  },
}
