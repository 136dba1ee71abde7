// `edge-sse/sqlite`: rooms in a file, on Node, Deno and Bun.
export { type SqliteRooms, type SqliteRoomsOptions, sqliteRooms } from './rooms/sqlite.ts'
