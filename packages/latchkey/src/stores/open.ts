/** From the options `database` and `redis` to stores: by URL, or those of the application. */
import { AuthError } from '../errors.js'
import { type Clock, systemClock } from '../util/time.js'
import { memoryStores } from './memory.js'
import type { Stores } from './port.js'
import { withRedis } from './redis.js'
import { postgresStores } from './sql/postgres.js'
import { sqliteStores } from './sql/sqlite.js'

/** Throws `options_invalid` for what names no database, or no Redis. Opens nothing. */
export function openStores(database: string | Stores, clock: Clock, redis?: string): Stores {
  const stores = databaseOf(database, clock)
  return redis === undefined ? stores : withRedis(stores, String(redis))
}

function databaseOf(database: string | Stores, clock: Clock): Stores {
  if (typeof database === 'object' && database !== null) return database
  if (database === 'memory') return memoryStores({ clock })
  // Replicas share the database's clock. One that was given is a test's, which sets it by hand.
  if (/^postgres(ql)?:/.test(String(database)))
    return postgresStores({ url: String(database), clock: clock === systemClock ? undefined : clock })
  const [, path] = /^sqlite:(?:\/\/)?(.+)$/.exec(String(database)) ?? []
  if (path === undefined)
    throw new AuthError('options_invalid', {
      hint: 'database must be sqlite:<path>, postgres://<host>/<name> or memory',
    })
  return sqliteStores({ path, clock })
}
