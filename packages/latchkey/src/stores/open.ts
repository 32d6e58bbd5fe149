/** From the option `database` to stores: by URL, or those of the application. */
import { AuthError } from '../errors.js'
import type { Clock } from '../util/time.js'
import { memoryStores } from './memory.js'
import type { Stores } from './port.js'
import { sqliteStores } from './sql/sqlite.js'

/** Throws `options_invalid` for what names no database. Opens nothing. */
export function openStores(database: string | Stores, clock: Clock): Stores {
  if (typeof database === 'object' && database !== null) return database
  if (database === 'memory') return memoryStores({ clock })
  const [, path] = /^sqlite:(?:\/\/)?(.+)$/.exec(String(database)) ?? []
  if (path === undefined) throw new AuthError('options_invalid', { hint: 'database must be sqlite:<path> or memory' })
  return sqliteStores({ path, clock })
}
