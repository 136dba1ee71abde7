// `edge-sse/cloudflare`: rooms in Durable Objects, files in R2 and among a Worker's assets.
export { assetFiles } from './files/asset-files.ts'
export { bucketFiles } from './files/bucket-files.ts'
export { RoomObject } from './rooms/durable-object.ts'
export { type DurableRoomsOptions, durableRooms } from './rooms/durable-rooms.ts'
export type { Who } from './rooms/durable-socket.ts'
export type { TextMessage } from './rooms/frame.ts'
