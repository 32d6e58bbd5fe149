/** The folder in which test files start servers of their own, and the end of those servers when the run ends. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { stopAll } from './server.js'

declare module 'vitest' {
  interface ProvidedContext {
    readonly services: string
  }
}

export default function setup(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-services-'))
  // PostgreSQL refuses to run as root, so that another user has to pass through here.
  chmodSync(folder, 0o711)
  project.provide('services', folder)
  return async () => {
    await stopAll(folder)
    rmSync(folder, { recursive: true, force: true })
  }
}
