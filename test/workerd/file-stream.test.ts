import { fileStreamSuite } from '../file-stream.suite.ts'

fileStreamSuite()
