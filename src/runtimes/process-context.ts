/** The app's surroundings in a process of its own, as the environment asks for them. */
import type process from 'node:process'
import { guardFrom } from '../access/from-environment.ts'
import { Admission } from '../app/admission.ts'
import { limitsFrom } from '../app/limits-from-environment.ts'
import { allowanceOf, withAllowance } from '../app/new-rooms.ts'
import { producersOf } from '../app/producers.ts'
import { checkNames } from '../app/settings.ts'
import type { AppContext } from '../app.ts'
import { authorize } from '../authorize.ts'
import { memoryRooms } from '../rooms/memory.ts'
import type { Rooms } from '../rooms/room.ts'
import { sqliteRooms } from '../rooms/sqlite.ts'
import { demoFiles, folderPages } from './folder-pages.ts'
import { memoryLimit, usedMemory } from './memory.ts'
import { processMetrics } from './metrics.ts'
import type { Settings } from './settings.ts'

export interface ProcessContext extends AppContext {
  /** Closes what keeps the rooms. */
  close(): void
}

/** Throws an `SseError` for what is none of its variables' values, and where the rooms' file cannot be opened. */
export function processContext(env: typeof process.env, { database, logsRequests }: Settings): ProcessContext {
  checkNames(env)
  const producers = producersOf(env)
  const { admission, room, roomsPerSubject, addressHeader } = limitsFrom(env)
  const rooms: Rooms & { close?(): void } = database
    ? sqliteRooms(database, { producers, limits: room })
    : memoryRooms({ producers, limits: room })
  return {
    // Tickets are for this process alone: nobody else has to know what signs them.
    ...guardFrom({ EDGE_SSE_TICKET_SECRET: crypto.randomUUID(), ...env }, authorize),
    admission: new Admission({ ...admission, memory: admission.memory ?? memoryLimit(), usedMemory }),
    addressHeader,
    rooms: withAllowance(rooms, allowanceOf(roomsPerSubject)),
    pages: folderPages,
    files: demoFiles,
    env,
    meter: processMetrics(),
    logRequest: logsRequests ? console.log : undefined,
    close: () => rooms.close?.(),
  }
}
