/** Every port over one database. */
import type { SessionStore, Stores } from '../port.js'
import { createApiTokens } from './api-tokens.js'
import type { Database } from './database.js'
import { createRaise } from './epochs.js'
import { createGroups } from './groups.js'
import { createIdentities } from './identities.js'
import { createKeySets } from './key-sets.js'
import { createKeys } from './keys.js'
import { createRevocations } from './revocations.js'
import { createRotations } from './rotations.js'
import { createSessions } from './sessions.js'
import { createUsers, insert } from './users.js'

/** The ports alone: opening and closing belong to the dialect. */
export type Ports = Pick<
  Stores,
  'users' | 'groups' | 'sessions' | 'revocations' | 'keys' | 'identities' | 'apiTokens' | 'keySets'
>

/** A dialect whose writers are not alone rotates in its own way. */
export function sqlPorts(database: Database, rotate: SessionStore['rotate'] = createRotations(database)): Ports {
  const raise = createRaise(database)
  return {
    users: createUsers(database, raise),
    groups: createGroups(database, raise),
    sessions: createSessions(database, raise, rotate),
    revocations: createRevocations(database, raise),
    keys: createKeys(database, raise),
    identities: createIdentities(database, insert),
    apiTokens: createApiTokens(database, raise),
    keySets: createKeySets(database),
  }
}
