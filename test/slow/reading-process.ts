/** A reader in a process of its own, which can be stopped as a whole: writes each message of a stream as a line of JSON. */
import process from 'node:process'
import { parseMessages } from '../../src/parse.ts'

const { body } = await fetch(process.argv[2] as string, { headers: { accept: 'text/event-stream' } })
if (body) for await (const message of parseMessages(body)) console.log(JSON.stringify(message))
