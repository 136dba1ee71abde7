/** A second host on this machine: a network namespace behind a cable of its own, which can be pulled. https://man7.org/linux/man-pages/man8/ip-netns.8.html */
import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { onTestFinished } from 'vitest'

export interface OtherHost {
  /** Where it is reached from here. */
  address: string
  /** The words that run a command there, before it. */
  inside: string[]
  /** Pulls the cable, or puts it back: nobody is told, nothing arrives. */
  link(state: 'up' | 'down'): void
}

const ip = (...words: string[]): void => void execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] })

let hosts = 0

/** Goes with its test. Needs root. */
export function otherHost(): OtherHost {
  const number = `${process.pid}-${++hosts}`
  const name = `edge-sse-${number}`
  // A name of a device has 15 characters.
  const [here, there] = [`es${number}h`, `es${number}t`]
  const network = `10.77.${(process.pid + hosts) % 250}`
  ip('netns', 'add', name)
  // A namespace lives as long as a process in it, and the cable with it.
  onTestFinished(() => {
    ip('link', 'del', here)
    ip('netns', 'del', name)
  })
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name)
  ip('address', 'add', `${network}.1/24`, 'dev', here)
  ip('link', 'set', here, 'up')
  ip('-n', name, 'address', 'add', `${network}.2/24`, 'dev', there)
  ip('-n', name, 'link', 'set', there, 'up')
  ip('-n', name, 'link', 'set', 'lo', 'up')
  return {
    address: `${network}.2`,
    inside: ['ip', 'netns', 'exec', name],
    link: (state) => ip('link', 'set', here, state),
  }
}
