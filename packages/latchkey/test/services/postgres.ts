/** PostgreSQL for tests: one server for the run, one database for each test file that asks. */
import { inject } from 'vitest'
import { createDatabase, startPostgres } from './postgres-server.mjs'
import { shared } from './server.js'

export { onServer } from './postgres-server.mjs'

/** The URL of a new, empty database. The server syncs nothing: what a test of kills or of speed needs is the other one. */
export async function postgresDatabase(name: string): Promise<string> {
  const start = (folder: string) => startPostgres(folder, ['fsync=off'])
  return createDatabase(await shared(inject('services'), 'postgres', start), name)
}

/** The same on a server that answers when things are on the disk, as people run it. */
export async function syncedPostgresDatabase(name: string): Promise<string> {
  return createDatabase(await shared(inject('services'), 'postgres-synced', startPostgres), name)
}
