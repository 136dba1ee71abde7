import { parseCasesSuite } from '../../parse-cases.suite.ts'

parseCasesSuite()
