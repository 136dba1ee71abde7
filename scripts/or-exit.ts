import process from 'node:process'

/** What a person has configured for a script. Where something in it is wrong, that is said, and the script ends. */
export async function orExit<Configured>(read: () => Configured | Promise<Configured>): Promise<Configured> {
  try {
    return await read()
  } catch (error) {
    console.error((error as Error).message.replace('Cannot authorize', 'Cannot start'))
    process.exit(1)
  }
}
