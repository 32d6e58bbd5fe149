/** Stores to test: in memory, in a SQLite file of a folder that goes away afterwards, and in PostgreSQL, in a schema of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreUnderTest } from '../../src/stores/conformance.js'
import { memoryStores } from '../../src/stores/memory.js'
import { postgresStores } from '../../src/stores/sql/postgres.js'
import { sqliteStores } from '../../src/stores/sql/sqlite.js'
import { onServer } from '../services/postgres.js'

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

let schemas = 0

/** In the database of that URL, which may be shared. */
export async function postgres(database: string): Promise<StoreUnderTest & { readonly url: string }> {
  const schema = `case_${schemas++}`
  await onServer(database, `create schema ${schema}`)
  const url = `${database}?options=-csearch_path%3D${schema}`
  const clock = { now: START }
  const reopen = () => postgresStores({ url, clock: () => clock.now })
  return { url, clock, stores: reopen(), reopen, cleanup: () => onServer(database, `drop schema ${schema} cascade`) }
}
