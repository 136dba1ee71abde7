/** Reads a stream with `connect` and prints a line of JSON for each message and each state: `watching-client.ts URL`. */
import process from 'node:process'
import { connect } from '../../src/client.ts'

const say = (line: object): void => console.log(JSON.stringify(line))

const messages = connect(process.argv[2] ?? '', { onState: ({ phase }) => say({ phase }) })
for await (const { id } of messages) say({ id })
