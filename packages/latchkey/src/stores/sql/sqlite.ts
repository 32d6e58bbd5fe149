/** Every port in one SQLite file, for one machine: any number of processes may share it. */
import { AuthError } from '../../errors.js'
import type { Clock } from '../../util/time.js'
import type { Stores } from '../port.js'
import { type Opened, openable } from './openable.js'
import { type SqliteModule, sqliteModule } from './sqlite-module.js'

export interface SqliteOptions {
  /** The file; it is created with mode 0600. Its directory must exist, on a local disk. */
  readonly path: string
  readonly clock: Clock
}

/**
 * Stores in a SQLite file: `node:sqlite` where Node has it, else `@photostructure/sqlite`, loaded by `open`. What was answered
 * is on the disk. Methods throw `store_failed` for every fault of the database, a lock held for two seconds among them;
 * `open` throws `options_invalid` for a path that is no file, and for a database of a newer release.
 */
export function sqliteStores(
  { path, clock }: SqliteOptions,
  sqlite: () => Promise<SqliteModule> = sqliteModule,
): Stores {
  return openable(load)

  async function load(): Promise<Opened> {
    // Two connections to :memory: would be two databases.
    if (path === '' || path === ':memory:')
      throw new AuthError('options_invalid', { hint: 'database: the path of a file' })
    const [{ openSqlite }, { sqlPorts }] = await Promise.all([import('./sqlite-open.js'), import('./stores.js')])
    const database = await openSqlite(path, clock, await sqlite())
    return { ports: sqlPorts(database), close: database.close }
  }
}
