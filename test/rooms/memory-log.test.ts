import { MemoryLog } from '../../src/rooms/memory-log.ts'
import { logContract } from './log.contract.ts'

logContract(() => new MemoryLog())
