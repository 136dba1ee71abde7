/** What `publish` says of itself, on stderr. */
import { colour } from '../colour.ts'
import type { Terminal } from '../command.ts'
import { spoken } from '../duration.ts'
import { statusLine } from '../status-line.ts'
import type { Count } from './publish-lines.ts'

export interface Report {
  progress(count: Count): void
  retry(why: string, delay: number): void
  /** It is over: `done` when all was published, `unknown` where it failed and some may be there all the same. */
  end(how: 'done' | 'failed' | 'unknown' | 'stopped'): void
}

/** `isTyped`: somebody types the events at this terminal, and would type on behind a line that is written over. */
export function report(io: Terminal, isTyped: boolean): Report {
  const status = statusLine(io)
  const began = performance.now()
  let { events, before }: Count = { events: 0, before: 0 }
  let told = ''
  const sentence = (): string =>
    `${number(events)} ${events === 1 ? 'event' : 'events'} published in ${spoken(performance.now() - began)}`
  return {
    progress(count) {
      events = count.events
      before = count.before
      if (!isTyped) status.update(sentence())
      else if (io.stderr.isTTY) io.stderr.write(`${colour(io, io.stderr, 'dim', `${number(events)} published`)}\n`)
    },
    retry(why, delay) {
      // Once is enough where nobody watches.
      if (why === told && !io.stderr.isTTY) return
      told = why
      status.clear()
      io.stderr.write(`${colour(io, io.stderr, 'yellow', `Trying again in ${spoken(delay)}: ${why}`)}\n`)
    },
    end(how) {
      // The terminal has shown the key: ^C.
      if (how === 'stopped' && io.stdin.isTTY && io.stderr.isTTY) io.stderr.write('\n')
      status.clear()
      const had = before > 0 ? `, ${number(before)} of them by an earlier attempt` : ''
      const rest = {
        done: '',
        failed: '. Then it failed:',
        unknown: '. Then it failed:',
        stopped: '. What was under way may be, too',
      }[how]
      const isNone = how === 'failed' && events === 0
      io.stderr.write(isNone ? 'Nothing is published\n' : `${sentence()}${had}${rest}\n`)
    },
  }
}

const number = (count: number): string => count.toLocaleString('en-US')
