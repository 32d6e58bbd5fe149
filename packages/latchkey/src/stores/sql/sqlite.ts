/** Every port in one SQLite file, for one machine: any number of processes may share it. */
import { AuthError } from '../../errors.js'
import type { Clock } from '../../util/time.js'
import type { Stores } from '../port.js'
import type { Database } from './database.js'
import { latePorts, storeError } from './late.js'
import { type SqliteModule, sqliteModule } from './sqlite-module.js'
import type { Ports } from './stores.js'

export interface SqliteOptions {
  /** The file; it is created with mode 0600. Its directory must exist, on a local disk. */
  readonly path: string
  readonly clock: Clock
}

interface Opened {
  readonly database: Database
  readonly ports: Ports
}

/**
 * Stores in a SQLite file: `node:sqlite` where Node has it, else `@photostructure/sqlite`, loaded by `open`. What was answered
 * is on the disk. Methods throw `store_failed` for every fault of the database, a lock held for two seconds among them.
 */
export function sqliteStores(
  { path, clock }: SqliteOptions,
  sqlite: () => Promise<SqliteModule> = sqliteModule,
): Stores {
  let opening: Promise<Opened> | undefined
  let opened: Opened | undefined
  return { ...latePorts(() => opened?.ports), open, close }

  /** Throws `options_invalid` for a path that is no file, and for a database of a newer release. */
  async function open(): Promise<void> {
    // Two connections to :memory: would be two databases.
    if (path === '' || path === ':memory:')
      throw new AuthError('options_invalid', { hint: 'database: the path of a file' })
    opening ??= load()
    const mine = opening
    try {
      const ready = await mine
      // Whoever closed meanwhile closed this one, too.
      if (opening === mine) opened = ready
    } catch (error) {
      if (opening === mine) opening = undefined
      throw storeError(error)
    }
  }

  async function load(): Promise<Opened> {
    const [{ openSqlite }, { sqlPorts }] = await Promise.all([import('./sqlite-open.js'), import('./stores.js')])
    const database = await openSqlite(path, clock, await sqlite())
    return { database, ports: sqlPorts(database) }
  }

  /** Waits for what is being written. Idempotent. */
  async function close(): Promise<void> {
    const ending = opening
    opening = undefined
    opened = undefined
    try {
      await (await ending)?.database.close()
    } catch (error) {
      throw storeError(error)
    }
  }
}
