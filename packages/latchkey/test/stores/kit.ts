/** Stores to test: in memory, and in a SQLite file of a folder that goes away afterwards. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreUnderTest } from '../../src/stores/conformance.js'
import { memoryStores } from '../../src/stores/memory.js'
import { sqliteStores } from '../../src/stores/sql/sqlite.js'

const START = 1_800_000_000

export async function memory(): Promise<StoreUnderTest> {
  const clock = { now: START }
  return { stores: memoryStores({ clock: () => clock.now }), clock, cleanup: async () => {} }
}

export async function sqlite(): Promise<StoreUnderTest & { readonly path: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'))
  const path = join(folder, 'auth.db')
  const clock = { now: START }
  const reopen = () => sqliteStores({ path, clock: () => clock.now })
  const cleanup = async () => rmSync(folder, { recursive: true })
  return { path, clock, stores: reopen(), reopen, cleanup }
}
