#!/usr/bin/env node
// The command line, and before it a look at which Node this is: older ones lack what the rest imports.
import process from 'node:process'

const OLDEST = 24

if (Number.parseInt(process.versions.node, 10) < OLDEST) {
  console.error(`Cannot run: edge-sse needs Node ${OLDEST} or later, and this is ${process.versions.node}`)
  process.exitCode = 1
} else {
  await import('./main.ts')
}
