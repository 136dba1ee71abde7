/** The commands there are. Each is loaded when it is asked for, so that the help is there at once. */
import type { Command } from './command.ts'

export interface Listed {
  name: string
  /** That of the command. */
  summary: string
  load(): Promise<Command>
}

export const commands: Listed[] = [
  {
    name: 'listen',
    summary: 'print the messages of an event stream as they arrive',
    load: async () => (await import('./listen.ts')).listen,
  },
  {
    name: 'publish',
    summary: 'publish events to a room: words, or each line of a file or of stdin',
    load: async () => (await import('./publish.ts')).publish,
  },
  {
    name: 'chat',
    summary: 'talk with a model, and read its answers as they are made',
    load: async () => (await import('./chat.ts')).chat,
  },
  {
    name: 'check',
    summary: 'examine an event stream, and say what is wrong with it',
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'init',
    summary: 'make a small complete project of a template, for a runtime',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'templates',
    summary: 'list what init can make, and where it runs',
    load: async () => (await import('./templates.ts')).templates,
  },
  {
    name: 'token',
    summary: 'make a token for development, for a server that asks for tokens',
    load: async () => (await import('./token.ts')).token,
  },
]
