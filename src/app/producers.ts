/** What may be started in the rooms of the app: the producers of its handlers, by name. */
import { producers as answers } from '../handlers/chat-completions.ts'
import { producers as chats } from '../handlers/chat-tool.ts'
import { producers as progress } from '../handlers/progress.ts'
import type { Producers } from '../rooms/producer.ts'

/** Throws `invalid-option` for models that are not configured as they have to be. */
export const producersOf = (env: unknown): Producers => ({ ...progress, ...answers(env), ...chats(env) })
