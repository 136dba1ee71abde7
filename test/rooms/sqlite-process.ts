/** A process that opens the rooms of a file, says how that went in a line, and goes on until it is killed. */
import process from 'node:process'
import { sqliteRooms } from '../../src/rooms/sqlite.ts'

try {
  const rooms = sqliteRooms(process.argv[2] as string)
  await rooms.get('lobby').publish({ data: 'stored' })
  console.log('open')
} catch (error) {
  console.log((error as { code?: string }).code)
}
setInterval(() => {}, 1_000)
