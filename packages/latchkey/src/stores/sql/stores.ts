/** Every port over one database. */
import type { Stores } from '../port.js'
import type { Database } from './database.js'
import { createRaise } from './epochs.js'
import { createKeys } from './keys.js'
import { createRevocations } from './revocations.js'
import { createSessions } from './sessions.js'
import { createUsers } from './users.js'

/** The ports alone: opening and closing belong to the dialect. */
export type Ports = Omit<Stores, 'open' | 'close'>

export function sqlPorts(database: Database): Ports {
  const raise = createRaise(database.read)
  return {
    users: createUsers(database),
    sessions: createSessions(database, raise),
    revocations: createRevocations(database, raise),
    keys: createKeys(database, raise),
  }
}
