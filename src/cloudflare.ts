// `edge-sse/cloudflare`: rooms in Durable Objects.
export { RoomObject } from './rooms/durable-object.ts'
export { type DurableRoomsOptions, durableRooms } from './rooms/durable-rooms.ts'
export type { Who } from './rooms/durable-socket.ts'
export type { TextMessage } from './rooms/frame.ts'
