/** What may be started in the rooms of the app: the producers of its handlers, by name. */
import { producers as progress } from '../handlers/progress.ts'
import type { Producers } from '../rooms/producer.ts'

export const producers: Producers = { ...progress }
