/** Every port in one PostgreSQL database, for any number of processes on any number of machines. */

import { AuthError } from '../../errors.js'
import type { Clock } from '../../util/time.js'
import type { LimitStore, Stores } from '../port.js'
import { promptly } from '../promptly.js'
import { type Opened, openable } from './openable.js'
import { serversOf } from './postgres-url.js'
import { postgresWake } from './postgres-wake.js'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/name`. Several hosts, separated by commas: the primary among them. */
  readonly url: string
  /** For tests. Default: the database's own clock. */
  readonly clock?: Clock | undefined
}

/**
 * Stores in a PostgreSQL database, in the default schema of the connection. What was answered is on the primary's disk.
 * Throws `options_invalid` for what is no such URL; methods throw `store_failed` for every fault of the database, within
 * three seconds; `open` throws `options_invalid` where `pg` is missing, and for a database of a newer release.
 */
export function postgresStores({ url, clock }: PostgresOptions): Stores {
  const urls = serversOf(url)
  let limits: LimitStore | undefined
  const counted: LimitStore = {
    consume: (charges, now) => known(limits).consume(charges, now),
    reward: (charges, now) => known(limits).reward(charges, now),
  }
  const wake = postgresWake(urls)
  const stores = openable(load)
  return { ...stores, wake, limits: promptly(counted), close }

  function close(): Promise<void> {
    // Whoever listens and forgot to stop would come back for ever.
    wake.close()
    return stores.close()
  }

  async function load(): Promise<Opened> {
    const modules = [
      import('./postgres-open.js'),
      import('./postgres-rotations.js'),
      import('./postgres-limits.js'),
      import('./stores.js'),
    ] as const
    const [{ openPostgres }, { createGroupedRotations }, { postgresLimits }, { sqlPorts }] = await Promise.all(modules)
    const database = await openPostgres(urls, clock)
    limits = postgresLimits(database)
    return { ports: sqlPorts(database, createGroupedRotations(database)), close: database.close }
  }
}

function known(limits: LimitStore | undefined): LimitStore {
  if (limits) return limits
  throw new AuthError('store_failed', { hint: 'the database is not open' })
}
