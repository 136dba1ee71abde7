/** Before tests that read from a scripted server: starts it, and tells them where it is. */
import type { TestProject } from 'vitest/node'
import { startScriptedServer } from './scripted-server.ts'

export default async function serveScripts(project: TestProject): Promise<() => Promise<void>> {
  const { url, other, close } = await startScriptedServer()
  project.provide('scripted', { url, other })
  return close
}
