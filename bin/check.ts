// GET URL    what is wrong with an event stream, and what to do
import { type Command, EXIT } from './command.ts'

export const check: Command = {
  name: 'check',
  summary: 'examine an event stream, and say what is wrong with it',
  usage: 'check URL',
  help: '',
  options: {},
  async run({ io }) {
    io.stderr.write('Cannot check: this is not written yet\n')
    return EXIT.failed
  },
}
